import { languageName } from '../../broadcasts/english-names.js';
import { CaptionsView } from './captions-view.js';
import { make } from '../dom.js';

/** What is understood of the speaker, as it is. */
export class LiveText {
  element = make('section', { className: 'card live-text' });
  #view;
  #listener;
  #note = make('p', { className: 'muted live-note' });

  constructor({ id, source_language: source }, listener, signal) {
    this.#listener = listener;
    const heading = make('h2', { id: 'live-text-title', textContent: 'What is understood' });
    const language = make('p', { className: 'muted', textContent: languageName(source) });
    const scroller = make('div', { className: 'live-scroller', tabIndex: 0 });
    scroller.setAttribute('role', 'group');
    scroller.setAttribute('aria-labelledby', heading.id);
    this.element.setAttribute('aria-labelledby', heading.id);
    const bar = make('div', { className: 'bar' }, heading, language);
    this.#view = new CaptionsView(scroller, { id, signal }, this.#note);
    this.element.append(bar, scroller, this.#view.back);
    listener.addEventListener('said', () => this.#view.count(), { signal });
  }

  render(_, { captions, language }) {
    this.#view.show(captions, language);
    const isEmpty = captions.first === 0;
    this.#note.textContent = isEmpty ? 'Go live and speak: your words appear here.' : '';
    this.#note.hidden = !isEmpty;
  }
}
