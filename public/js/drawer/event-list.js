import { make } from '../views/dom.js';

const ROW_PX = 28;
const SPARE_ROWS = 6;
const PAGE_ROWS = 10;
const NEAR_END_PX = 40;

const clock = new Intl.DateTimeFormat(undefined, {
  hourCycle: 'h23',
  hour: '2-digit',
  minute: '2-digit',
  second: '2-digit',
  fractionalSecondDigits: 3,
});

/** How far a key goes. */
const steps = {
  ArrowDown: 1,
  ArrowUp: -1,
  PageDown: PAGE_ROWS,
  PageUp: -PAGE_ROWS,
  Home: -Infinity,
  End: Infinity,
};

/** A list of thousands of events, of which only those in sight have rows. */
export class EventList {
  element = make('div', { className: 'event-list', tabIndex: 0 });
  #room = make('div', { className: 'event-room' });
  #rows = new Map();
  #entries = [];
  #selected = null;
  #onSelect;
  #isAtEnd = true;

  /** `onSelect(entry)` hears which one is looked at. */
  constructor({ onSelect }) {
    this.#onSelect = onSelect;
    this.element.setAttribute('role', 'listbox');
    this.element.setAttribute('aria-label', 'Events');
    this.element.append(this.#room);
    this.element.addEventListener('scroll', () => this.#scrolled(), { passive: true });
    this.element.addEventListener('click', (event) => this.#clicked(event));
    this.element.addEventListener('keydown', (event) => this.#pressed(event));
    new ResizeObserver(() => this.#resized()).observe(this.element);
  }

  /** Shows these; the list stays at its end if that is in sight. */
  show(entries) {
    this.#entries = entries;
    this.element.dataset.isEmpty = String(entries.length === 0);
    this.#room.style.height = `${entries.length * ROW_PX}px`;
    if (this.#isAtEnd) this.element.scrollTop = entries.length * ROW_PX;
    this.#render();
  }

  select(entry) {
    this.#selected = entry?.number ?? null;
    this.#render();
    this.#onSelect(entry);
  }

  /** The event that is looked at stays in sight when its text takes room. */
  #resized() {
    const index = this.#entries.findIndex(({ number }) => number === this.#selected);
    if (index >= 0) this.#bringIntoSight(index);
    else if (this.#isAtEnd) this.element.scrollTop = this.#entries.length * ROW_PX;
    this.#render();
  }

  #scrolled() {
    const { scrollHeight, scrollTop, clientHeight } = this.element;
    this.#isAtEnd = scrollHeight - scrollTop - clientHeight < NEAR_END_PX;
    this.#render();
  }

  #render() {
    const { scrollTop, clientHeight } = this.element;
    const first = Math.max(0, Math.floor(scrollTop / ROW_PX) - SPARE_ROWS);
    const last = Math.ceil((scrollTop + clientHeight) / ROW_PX) + SPARE_ROWS;
    const shown = this.#entries.slice(first, last);
    const numbers = new Set(shown.map(({ number }) => number));
    for (const [number, row] of this.#rows) {
      if (numbers.has(number)) continue;
      row.remove();
      this.#rows.delete(number);
    }
    shown.forEach((entry, index) => this.#place(entry, first + index));
    const selected = this.#rows.get(this.#selected);
    if (selected) this.element.setAttribute('aria-activedescendant', selected.id);
    else this.element.removeAttribute('aria-activedescendant');
  }

  #place(entry, index) {
    const row = this.#rows.get(entry.number) ?? this.#make(entry);
    row.style.transform = `translateY(${index * ROW_PX}px)`;
    row.setAttribute('aria-posinset', String(index + 1));
    row.setAttribute('aria-setsize', String(this.#entries.length));
    row.setAttribute('aria-selected', String(entry.number === this.#selected));
  }

  #make({ number, isSent, event, at }) {
    const direction = isSent ? 'sent' : 'received';
    const row = make(
      'div',
      { id: `event-${number}`, className: 'event-row', data: { direction, number } },
      make('time', { textContent: clock.format(at) }),
      make('span', { className: 'arrow', textContent: isSent ? '↑' : '↓' }),
      make('span', { className: 'unseen', textContent: `${direction} ` }),
      make('span', { className: 'type', textContent: event.type }),
      make('span', { className: 'id', textContent: event.event_id ?? '' }),
    );
    row.setAttribute('role', 'option');
    this.#rows.set(number, row);
    this.#room.append(row);
    return row;
  }

  #clicked({ target }) {
    const number = Number(target.closest('.event-row')?.dataset.number);
    const entry = this.#entries.find((one) => one.number === number);
    if (entry) this.select(entry);
  }

  #pressed(event) {
    const step = steps[event.key];
    if (step === undefined || this.#entries.length === 0) return;
    event.preventDefault();
    const now = this.#entries.findIndex(({ number }) => number === this.#selected);
    const start = now < 0 ? (step > 0 ? -1 : this.#entries.length) : now;
    const index = Math.min(Math.max(start + step, 0), this.#entries.length - 1);
    this.#bringIntoSight(index);
    this.select(this.#entries[index]);
  }

  #bringIntoSight(index) {
    const { scrollTop, clientHeight } = this.element;
    const top = index * ROW_PX;
    if (top < scrollTop) this.element.scrollTop = top;
    else if (top + ROW_PX > scrollTop + clientHeight) {
      this.element.scrollTop = top + ROW_PX - clientHeight;
    }
  }
}
