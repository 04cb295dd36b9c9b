import { byID, isNearEnd, make } from '../dom.js';
import { earlierPlace } from './earlier-place.js';
import { ToolCallView } from './tool-call.js';
import { TurnView } from './turn.js';
import { WaitingView } from './waiting.js';

/** Of a very long session, so many of the last turns are shown. */
const SHOWN = 500;

/** What is being said, as it is said. */
export class TranscriptView {
  #live;
  #api;
  #rows = new Map();
  #notices = new Map();
  /** @type {HTMLElement|null} */
  #earlier = null;

  constructor(live, api) {
    this.#live = live;
    this.#api = api;
  }

  render() {
    const scroller = byID('scroller');
    const isAtEnd = isNearEnd(scroller);
    // Screen readers wait for the whole answer instead of reading each piece.
    scroller.setAttribute('aria-busy', this.#live.conversation.isAnswering);
    // What is being heard need not be read, too.
    scroller.setAttribute('aria-live', this.#live.isPlaying ? 'off' : 'polite');
    const nodes = this.#nodes();
    this.#renderEarlier(scroller);
    reconcile(byID('transcript'), nodes);
    byID('empty').hidden = nodes.length > 0 || this.#earlier?.hidden === false;
    if (isAtEnd) scroller.scrollTop = scroller.scrollHeight;
  }

  #renderEarlier(scroller) {
    const place = earlierPlace(this.#live, this.#api);
    if (place === this.#earlier) return;
    this.#earlier?.remove();
    if (place) scroller.prepend(place);
    this.#earlier = place;
  }

  #nodes() {
    const { conversation, notices, unsent } = this.#live;
    const { order, items } = conversation;
    // There are few.
    const noticesAfter = (id) =>
      notices.filter(({ after }) => after === id).map((notice) => this.#noticeRow(notice));
    const shown = order.slice(-SHOWN);
    const waiting = unsent.filter(({ id }) => !(id in items));
    return [
      ...(shown.length < order.length ? [this.#noticeRow(EARLIER)] : noticesAfter(null)),
      ...shown.flatMap((id) => [...this.#itemRows(items[id], items), ...noticesAfter(id)]),
      ...waiting.map((entry) => this.#waitingRow(entry)),
    ];
  }

  #waitingRow(entry) {
    const row = this.#row(`${entry.id} waits`, () => new WaitingView(this.#live, entry));
    row.render();
    return row.element;
  }

  /** The output of a call is shown with it. */
  #itemRows(item, items) {
    if (item.type === 'function_call_output') return [];
    if (item.type === 'message') return [this.#turnRow(item)];
    const row = this.#row(item.id, () => new ToolCallView());
    const isOutput = ({ type, callID }) =>
      type === 'function_call_output' && callID === item.callID;
    row.show(item, Object.values(items).find(isOutput));
    return [row.element];
  }

  #turnRow(item) {
    const row = this.#row(item.id, () => new TurnView(item.role));
    row.show(item);
    return row.element;
  }

  #row(id, makeRow) {
    if (!this.#rows.has(id)) this.#rows.set(id, makeRow());
    return this.#rows.get(id);
  }

  #noticeRow(notice) {
    if (!this.#notices.has(notice)) {
      const row = make('li', { className: 'notice', textContent: notice.text });
      this.#notices.set(notice, row);
    }
    return this.#notices.get(notice);
  }
}

const EARLIER = { text: 'What was said before stands in History.' };

/** Makes the children exactly these, moving as few as possible: what is moved loses the focus. */
function reconcile(list, nodes) {
  const wanted = new Set(nodes);
  for (const child of [...list.children]) if (!wanted.has(child)) child.remove();
  nodes.forEach((node, index) => {
    if (list.children[index] !== node) list.insertBefore(node, list.children[index] ?? null);
  });
}
