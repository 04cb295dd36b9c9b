import { counted } from '../counted.js';
import { make } from '../dom.js';
import { problemBox, skeleton } from '../parts.js';

const names = {
  header: 'Heading',
  facts: 'Facts',
  history: 'History, condensed',
  recent: 'Last messages, word for word',
  recall: 'How to look up more',
};

/** What the next session would be told, and how many tokens each part of it takes. */
export class ContextPanel {
  element = make('section', { className: 'card panel-card' });
  #api;
  #signal;
  #body = make('div', {}, skeleton(8));

  constructor({ api }, signal) {
    this.#api = api;
    this.#signal = signal;
    const title = make('h2', { id: 'told-title', textContent: 'What the next session is told' });
    this.element.setAttribute('aria-labelledby', 'told-title');
    this.element.append(make('header', { className: 'bar' }, title), this.#body);
    this.load();
  }

  async load() {
    try {
      this.#show(await this.#api.getContext({}, { signal: this.#signal }));
    } catch (error) {
      if (this.#signal.aborted) return;
      this.#body.replaceChildren(problemBox(error, () => this.load()));
    }
  }

  #show({ text, tokens, max_tokens: most, sections, truncated }) {
    const room = `${tokens.toLocaleString()} of at most ${counted(most, 'token')}`;
    const note = truncated ? `${room}. More did not fit.` : `${room}.`;
    const shown = sections.filter((section) => section.tokens > 0);
    const parts = shown.map((section) => part(section, most));
    const bar = make('div', { className: 'parts-bar' }, ...parts);
    bar.setAttribute('aria-hidden', 'true');
    this.#body.replaceChildren(
      make('p', { className: 'muted told-sum', textContent: note }),
      ...(text === '' ? [] : [bar, legend(shown), block(text)]),
    );
  }
}

function part({ name, tokens }, most) {
  const element = make('i', { data: { part: name } });
  element.style.width = `${(100 * tokens) / Math.max(most, 1)}%`;
  return element;
}

const legend = (sections) =>
  make(
    'dl',
    { className: 'legend' },
    ...sections.map(({ name, tokens }) =>
      make(
        'div',
        { data: { part: name } },
        make('dt', { textContent: names[name] ?? name }),
        make('dd', { textContent: counted(tokens, 'token') }),
      ),
    ),
  );

function block(text) {
  const element = make('pre', { className: 'told', tabIndex: 0, dir: 'auto', textContent: text });
  element.setAttribute('role', 'region');
  element.setAttribute('aria-label', 'The text that the next session is told');
  return element;
}
