// The developer's drawer: every event of the session, and its numbers. It opens over each page.

import { oncePerFrame } from '../coalesce.js';
import { counted } from '../views/counted.js';
import { make, setText } from '../views/dom.js';
import { copyFrom } from './copying.js';
import { EventDetail } from './event-detail.js';
import { EventList } from './event-list.js';
import { makeFilter } from './filter.js';
import { Numbers } from './numbers.js';

/** One drawer; `open()` and `close()` show and hide it, and it stays where it was. */
export class Drawer {
  element = make('div', { id: 'drawer', className: 'drawer', hidden: true });
  #record;
  #onClose;
  #filter = makeFilter({ text: '', direction: '' });
  /** While paused: the entries as they were. */
  #paused = null;
  #shown = [];
  #search = make('input', { type: 'search', placeholder: 'Type, id or text', name: 'events' });
  #direction = make(
    'select',
    {},
    new Option('Both ways', ''),
    new Option('Sent', 'sent'),
    new Option('Received', 'received'),
  );
  #count = make('p', { className: 'muted events-count' });
  #pause = button('Pause', () => this.#togglePause());
  #copyAll = button('Copy all', () => this.#copy());
  #detail = new EventDetail();
  #list = new EventList({ onSelect: (entry) => this.#detail.show(entry) });
  #numbers;
  #render = oncePerFrame(() => this.#draw());

  constructor(record, live, { onClose }) {
    this.#record = record;
    this.#onClose = onClose;
    this.#numbers = new Numbers(live);
    this.#pause.setAttribute('aria-pressed', 'false');
    this.#search.setAttribute('aria-label', 'Filter events');
    this.#direction.setAttribute('aria-label', 'Direction');
    this.#search.addEventListener('input', () => this.#refilter());
    this.#direction.addEventListener('change', () => this.#refilter());
    this.element.setAttribute('role', 'dialog');
    this.element.setAttribute('aria-label', 'Events of the session');
    this.element.addEventListener('keydown', (event) => {
      if (event.key === 'Escape') this.close();
    });
    this.element.append(this.#head(), this.#numbers.element, this.#tools(), this.#list.element);
    this.element.append(this.#detail.element);
    record.addEventListener('change', this.#render);
  }

  get isOpen() {
    return !this.element.hidden;
  }

  open() {
    this.element.hidden = false;
    this.#draw();
    this.#search.focus();
  }

  close() {
    this.element.hidden = true;
    this.#numbers.stop();
    this.#onClose();
  }

  #head() {
    const close = button('Close', () => this.close());
    close.className = 'quiet';
    const title = make('h2', { textContent: 'Events' });
    return make('div', { className: 'bar' }, title, this.#count, close);
  }

  #tools() {
    const clear = button('Clear', () => this.#clear());
    return make(
      'div',
      { className: 'drawer-tools' },
      this.#search,
      this.#direction,
      this.#pause,
      this.#copyAll,
      clear,
    );
  }

  get #entries() {
    return this.#paused ?? this.#record.entries;
  }

  /** Nobody sees a closed drawer, so that nothing is drawn. */
  #draw() {
    if (!this.isOpen) return;
    this.#numbers.render(this.#record.entries);
    this.#shown = this.#entries.filter(this.#filter);
    this.#list.show(this.#shown);
    const { total, entries } = this.#record;
    const isAllKept = total === entries.length;
    const kept = isAllKept ? counted(total, 'event') : `the last ${entries.length} of ${total}`;
    const isAll = this.#shown.length === this.#entries.length;
    setText(this.#count, isAll ? kept : `${this.#shown.length} shown · ${kept}`);
  }

  #refilter() {
    this.#filter = makeFilter({ text: this.#search.value, direction: this.#direction.value });
    this.#draw();
  }

  #togglePause() {
    this.#paused = this.#paused ? null : [...this.#record.entries];
    this.#pause.setAttribute('aria-pressed', String(this.#paused !== null));
    setText(this.#pause, this.#paused ? 'Go on' : 'Pause');
    this.#draw();
  }

  #clear() {
    this.#paused = this.#paused && [];
    this.#list.select(null);
    this.#record.clear();
  }

  /** What is shown, an event to a line. */
  #copy() {
    const lines = this.#shown.map(({ isSent, event, at }) =>
      JSON.stringify({ at, direction: isSent ? 'sent' : 'received', event }),
    );
    return copyFrom(this.#copyAll, lines.join('\n'));
  }
}

function button(textContent, action) {
  const element = make('button', { type: 'button', textContent });
  element.addEventListener('click', action);
  return element;
}
