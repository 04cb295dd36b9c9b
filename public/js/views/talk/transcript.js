import { heardText } from '../../realtime/items.js';
import { byID, isNearEnd, make, setText } from '../dom.js';
import { ToolCallView } from './tool-call.js';

const speakers = { user: 'You', assistant: 'Assistant', system: 'System' };

/** What is being said, as it is said. */
export class TranscriptView {
  #live;
  #rows = new Map();
  #notices = new Map();

  constructor(live) {
    this.#live = live;
  }

  render() {
    const scroller = byID('scroller');
    const isAtEnd = isNearEnd(scroller);
    // Screen readers wait for the whole answer instead of reading each piece.
    scroller.setAttribute('aria-busy', this.#live.conversation.isAnswering);
    const nodes = this.#nodes();
    reconcile(byID('transcript'), nodes);
    byID('empty').hidden = nodes.length > 0;
    if (isAtEnd) scroller.scrollTop = scroller.scrollHeight;
  }

  #nodes() {
    const { conversation, notices, unsent } = this.#live;
    const { order, items } = conversation;
    const noticesAfter = (id) =>
      notices.filter((notice) => notice.after === id).map((notice) => this.#noticeRow(notice));
    const rows = order.flatMap((id) => [...this.#itemRows(items[id], items), ...noticesAfter(id)]);
    const waiting = unsent.filter(({ id }) => !order.includes(id));
    return [
      ...noticesAfter(null),
      ...rows,
      ...waiting.map(({ id, text }) => this.#turnRow(waitingItem(id, text))),
    ];
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

/** One turn: who, what, and what became of it. */
class TurnView {
  #heard = make('span');
  #unheard = make('s', { className: 'unheard', title: 'Not heard any more' });
  #mark = make('p', { className: 'mark' });
  element;

  constructor(role) {
    this.element = make(
      'li',
      { className: 'turn', data: { role } },
      make('p', { className: 'unseen', textContent: `${speakers[role] ?? role}:` }),
      make('p', { className: 'text' }, this.#heard, this.#unheard),
      this.#mark,
    );
  }

  show(item) {
    const { heard, unheard } = heardText(item);
    const isAwaited = item.status === 'in_progress' || item.isSpoken;
    setText(this.#heard, heard || (isAwaited && !unheard ? '…' : ''));
    setText(this.#unheard, unheard);
    this.#unheard.hidden = unheard === '';
    this.element.dataset.status = item.status;
    setText(this.#mark, mark(item));
    this.#mark.hidden = this.#mark.textContent === '';
  }
}

const waitingItem = (id, text) =>
  ({ id, text, role: 'user', status: 'in_progress', isWaiting: true, audioEndMs: null });

function mark({ role, status, isRefused, isWaiting, failure }) {
  if (isWaiting) return 'Waits to be sent';
  if (isRefused) return 'Not taken';
  if (failure) return 'Could not be transcribed';
  return role === 'assistant' && status === 'incomplete' ? 'Interrupted' : '';
}

/** Makes the children exactly these, moving as few as possible. */
function reconcile(list, nodes) {
  nodes.forEach((node, index) => {
    if (list.children[index] !== node) list.insertBefore(node, list.children[index] ?? null);
  });
  while (list.childElementCount > nodes.length) list.lastElementChild.remove();
}
