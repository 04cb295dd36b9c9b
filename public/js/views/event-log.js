import { byID, isNearEnd, make, setText } from './dom.js';

const MOST_EVENTS = 500;

const clock = new Intl.DateTimeFormat(undefined, {
  hourCycle: 'h23',
  hour: '2-digit',
  minute: '2-digit',
  second: '2-digit',
  fractionalSecondDigits: 3,
});

/** Every event of the socket, both ways. Of more than 500 the oldest go. */
export class EventLogView {
  #rows = [];

  constructor() {
    byID('log-filter').addEventListener('input', () => this.#filter());
    byID('log-direction').addEventListener('change', () => this.#filter());
    byID('log-clear').addEventListener('click', () => this.#clear());
  }

  add({ isSent, event }) {
    const direction = isSent ? 'sent' : 'received';
    const summary = make(
      'summary',
      {},
      make('time', { textContent: clock.format(new Date()) }),
      make('span', { className: 'arrow', textContent: isSent ? '↑' : '↓', title: direction }),
      make('span', { className: 'type', textContent: event.type }),
      make('span', { className: 'muted id', textContent: event.event_id ?? '' }),
    );
    const details = make('details', { data: { direction } }, summary);
    // The text of an event is made when somebody looks: most are never opened.
    details.addEventListener('toggle', () => details.append(body(event)), { once: true });
    const row = { element: make('li', {}, details), direction, text: searchText(event) };
    row.element.hidden = !this.#matches(row);
    this.#rows.push(row);
    if (this.#rows.length > MOST_EVENTS) this.#rows.shift().element.remove();
    const list = byID('log-list');
    const isAtEnd = isNearEnd(list);
    list.append(row.element);
    if (isAtEnd) list.scrollTop = list.scrollHeight;
    this.#count();
  }

  #matches({ direction, text }) {
    const wanted = byID('log-direction').value;
    const words = byID('log-filter').value.trim().toLowerCase();
    return (!wanted || wanted === direction) && text.includes(words);
  }

  #filter() {
    for (const row of this.#rows) row.element.hidden = !this.#matches(row);
    this.#count();
  }

  #clear() {
    this.#rows = [];
    byID('log-list').replaceChildren();
    this.#count();
  }

  #count() {
    const shown = this.#rows.filter((row) => !row.element.hidden).length;
    const total = this.#rows.length;
    setText(byID('log-count'), shown === total ? `${total}` : `${shown} of ${total}`);
  }
}

const body = (event) => make('pre', { tabIndex: 0, textContent: JSON.stringify(event, null, 2) });

const searchText = (event) =>
  [event.type, event.event_id, event.item_id, event.item?.id, event.response_id, event.response?.id]
    .filter(Boolean)
    .join(' ')
    .toLowerCase();
