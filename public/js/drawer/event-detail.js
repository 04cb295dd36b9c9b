import { make } from '../views/dom.js';
import { copyFrom } from './copying.js';

/** One event in full. */
export class EventDetail {
  element = make('section', { className: 'event-detail', hidden: true });
  #text = make('pre', { tabIndex: 0 });
  #title = make('h3');
  #copy = make('button', { type: 'button', className: 'quiet', textContent: 'Copy' });

  constructor() {
    this.element.setAttribute('aria-label', 'The event');
    this.#copy.addEventListener('click', () => copyFrom(this.#copy, this.#text.textContent));
    this.#text.setAttribute('role', 'region');
    this.#text.setAttribute('aria-label', 'The event as JSON');
    const close = make('button', { type: 'button', className: 'quiet', textContent: 'Fold' });
    close.addEventListener('click', () => this.show(null));
    const head = make('div', { className: 'bar' }, this.#title, this.#copy, close);
    this.element.append(head, this.#text);
  }

  /** Null shows nothing. */
  show(entry) {
    this.element.hidden = entry === null;
    if (entry === null) return;
    this.#title.textContent = entry.event.type;
    this.#text.textContent = JSON.stringify(entry.event, null, 2);
    this.#text.scrollTop = 0;
  }
}
