import { languageName } from '../../broadcasts/english-names.js';
import { counted } from '../counted.js';
import { make, setText } from '../dom.js';
import { languageText } from './words.js';

/** Who listens, and how each language gets on. */
export class LanguagesCard {
  element = make('section', { className: 'card' });
  #source;
  #count = make('p', { className: 'muted' });
  #rows = new Map();

  constructor({ source_language: source, languages }) {
    this.#source = source;
    const heading = make('h2', { id: 'languages-title', textContent: 'Listeners' });
    this.element.setAttribute('aria-labelledby', heading.id);
    const list = make('ul', { className: 'language-rows' });
    for (const code of [source, ...languages]) {
      const state = make('span', { className: 'facts-line' });
      const count = make('span', { className: 'language-count' });
      const name = make('span', { textContent: languageName(code) });
      list.append(make('li', {}, name, count, state));
      this.#rows.set(code, { state, count });
    }
    this.element.append(make('div', { className: 'bar' }, heading, this.#count), list);
  }

  render({ status }, listener) {
    // Without a connection nobody knows.
    if (listener.phase !== 'open') return setText(this.#count, '');
    // This page listens, too; it is nobody's audience.
    const own = 1;
    const total = Math.max(0, (status?.listeners ?? listener.listeners) - own);
    setText(this.#count, counted(total, 'listener'));
    for (const [code, { state, count }] of this.#rows) {
      const isSource = code === this.#source;
      const told = status?.languages.find(({ language }) => language === code);
      const listeners = told ? Math.max(0, told.listeners - (isSource ? own : 0)) : null;
      setText(count, listeners === null ? '' : String(listeners));
      count.title = listeners === null ? '' : counted(listeners, 'listener');
      setText(state, told ? languageText(told, isSource) : 'When you are live');
      state.dataset.state = told?.state ?? 'off';
    }
  }
}
