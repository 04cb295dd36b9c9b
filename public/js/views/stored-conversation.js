import * as api from '../api.js';
import { byID, copyButton, counted, deleteButton, make, setText, timeText } from './dom.js';

const MESSAGES_PER_PAGE = 50;
const formats = { markdown: 'Markdown', text: 'Text', jsonl: 'JSONL', vtt: 'VTT' };

/** One stored conversation: its messages in order, page by page, and what can be done with it. */
export class StoredConversation {
  element;
  #messages = new Map();
  #lastID = null;
  #isMore = false;
  #list = make('ol', { className: 'messages' });
  #more = make('button', { type: 'button', textContent: 'Show more', hidden: true });

  constructor({ id }, { onContinue, onDelete }) {
    this.id = id;
    const resume = make('button', { type: 'button', textContent: 'Continue' });
    resume.addEventListener('click', onContinue);
    this.#more.addEventListener('click', () => this.load());
    const links = Object.entries(formats).map(([format, name]) =>
      make('a', { href: api.exportAddress(id, format), download: '', textContent: name }),
    );
    this.element = make(
      'div',
      { className: 'one' },
      make(
        'div',
        { className: 'tools' },
        resume,
        deleteButton('this conversation', onDelete),
        copyButton(id, 'conversation id'),
      ),
      make('p', { className: 'tools exports muted' }, 'Export', ...links),
      this.#list,
      this.#more,
    );
  }

  /** Loads the next page. */
  async load() {
    const page = { limit: MESSAGES_PER_PAGE, ...(this.#lastID && { after: this.#lastID }) };
    const { data, last_id: lastID, has_more: isMore } = await api.listMessages(this.id, page);
    data.forEach((message) => this.#messages.set(message.id, message));
    this.#lastID = lastID ?? this.#lastID;
    this.#isMore = isMore;
    this.#render();
  }

  /** Takes in a message just stored; one beyond the pages shown will come with its page. */
  add(message) {
    if (this.#isMore && !this.#messages.has(message.id)) return;
    this.#messages.set(message.id, message);
    this.#render();
  }

  #render() {
    const byPosition = (one, other) => one.position - other.position;
    const messages = [...this.#messages.values()].sort(byPosition);
    this.#list.replaceChildren(...messages.map(row));
    this.#more.hidden = !this.#isMore;
    const count = counted(messages.length, 'message');
    setText(byID('stored-text'), this.#isMore ? `the first ${count}` : count);
  }
}

function row(message) {
  const { id, type, role, content, status, created_at: time, metadata } = message;
  const speaker = type === 'message' ? role : `${role} · ${metadata.name ?? 'result'}`;
  const state = make('span', { className: 'mark', textContent: status.replace('_', ' ') });
  return make(
    'li',
    { data: { role, status } },
    make(
      'p',
      { className: 'meta' },
      make('strong', { textContent: speaker }),
      make('span', { textContent: timeText(time) }),
      status === 'completed' ? null : state,
      copyButton(id, 'message id'),
    ),
    make('p', { className: 'text', textContent: content }),
  );
}
