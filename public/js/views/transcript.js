import { byID, copyButton, isNearEnd, make, setText } from './dom.js';

const speakers = { user: 'You', assistant: 'Assistant', system: 'System', tool: 'Tool' };
const marks = { waiting: 'storing …', stored: 'stored', refused: 'not stored' };

/** What is being said, and whether it is stored. */
export class TranscriptView {
  #rows = new Map();
  #notices = new Map();
  #thinking = make('li', { className: 'dots' }, make('i'), make('i'), make('i'));

  /** Draws a live session; `storedItems` maps an item's id to `{state, messageID, reason}`. */
  render({ conversation, notices, state }, storedItems) {
    const scroller = byID('scroller');
    const isAtEnd = isNearEnd(scroller);
    // Screen readers wait for the whole answer instead of reading each piece.
    scroller.setAttribute('aria-busy', String(state === 'answering'));
    const nodes = this.#nodes(conversation, notices, storedItems);
    if (state === 'thinking') nodes.push(this.#thinking);
    reconcile(byID('transcript'), nodes);
    byID('empty').hidden = nodes.length > 0;
    if (isAtEnd) scroller.scrollTop = scroller.scrollHeight;
  }

  clear() {
    this.#rows.clear();
    this.#notices.clear();
  }

  #nodes({ order, items }, notices, storedItems) {
    const noticesAfter = (id) =>
      notices.filter((notice) => notice.after === id).map((notice) => this.#noticeRow(notice));
    const rowAndNotices = (id) => [
      this.#itemRow(items[id], storedItems.get(id)),
      ...noticesAfter(id),
    ];
    return [...noticesAfter(null), ...order.flatMap(rowAndNotices)];
  }

  #itemRow(item, stored) {
    const row = this.#rows.get(item.id) ?? this.#makeRow(item);
    const text = item.type === 'function_call' ? `${item.metadata.name}(${item.text})` : item.text;
    setText(row.text, text || '…');
    row.element.dataset.status = item.isRefused ? 'refused' : item.status;
    setText(row.mark, this.#markText(item, stored));
    row.mark.dataset.state = stored?.state ?? '';
    row.mark.title = stored?.reason ?? '';
    if (stored?.messageID && row.copy.childElementCount === 0) {
      row.copy.append(copyButton(stored.messageID, 'message id'));
    }
    return row.element;
  }

  #markText(item, stored) {
    if (item.isRefused) return 'not taken by the upstream';
    const cut = item.status === 'incomplete' ? 'cut short · ' : '';
    return stored ? cut + marks[stored.state] : cut && 'cut short';
  }

  #makeRow(item) {
    const row = {
      text: make('p', { className: 'text' }),
      mark: make('span', { className: 'mark' }),
      copy: make('span'),
    };
    row.element = make(
      'li',
      { className: 'turn', data: { role: item.role } },
      make('p', { className: 'unseen', textContent: `${speakers[item.role] ?? item.role}:` }),
      row.text,
      make('p', { className: 'meta' }, row.mark, row.copy),
    );
    this.#rows.set(item.id, row);
    return row;
  }

  #noticeRow(notice) {
    const known = this.#notices.get(notice);
    if (known) return known;
    const row = make('li', { className: 'notice', textContent: notice.text });
    this.#notices.set(notice, row);
    return row;
  }
}

/** Makes the children exactly these, moving as few as possible. */
function reconcile(list, nodes) {
  nodes.forEach((node, index) => {
    if (list.children[index] !== node) list.insertBefore(node, list.children[index] ?? null);
  });
  while (list.childElementCount > nodes.length) list.lastElementChild.remove();
}
