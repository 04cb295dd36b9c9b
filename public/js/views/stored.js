import * as api from '../api.js';
import { byID, counted, deleteButton, make, setText, timeText } from './dom.js';
import { StoredConversation } from './stored-conversation.js';

const CONVERSATIONS_PER_PAGE = 20;
const MESSAGES_FOR_A_TITLE = 3;

/** What is stored: the list of conversations, or one of them. */
export class StoredView {
  #open = null;
  #firstWords = new Map();
  #onContinue;

  /** `onContinue(conversationID)` starts a session that continues a conversation. */
  constructor({ onContinue }) {
    this.#onContinue = onContinue;
    byID('back').addEventListener('click', () => this.#close());
  }

  /** Loads the list again, if it is what is shown. */
  async refresh() {
    if (this.#open) return;
    await this.#attempt(async () => {
      const page = { limit: CONVERSATIONS_PER_PAGE };
      const { data, has_more: isMore } = await api.listConversations(page);
      const titles = await Promise.all(data.map((conversation) => this.#title(conversation)));
      if (this.#open) return;
      setText(byID('stored-title'), 'Stored');
      const count = counted(data.length, 'conversation');
      setText(byID('stored-text'), isMore ? `the latest ${data.length}` : count);
      byID('stored').replaceChildren(this.#list(data, titles));
    });
  }

  /** Takes in a message that has just been stored. */
  stored(message) {
    if (this.#open?.id === message.conversation_id) this.#open.add(message);
  }

  #list(conversations, titles) {
    if (conversations.length === 0) {
      const textContent = 'Nothing is stored yet. Everything you say will be.';
      return make('p', { className: 'empty', textContent });
    }
    const rows = conversations.map((conversation, index) => this.#row(conversation, titles[index]));
    return make('ol', { className: 'conversations' }, ...rows);
  }

  #row(conversation, title) {
    const { id, message_count: count, last_message_at: last, created_at: made } = conversation;
    const facts = `${timeText(last ?? made)} · ${counted(count, 'message')}`;
    const open = make(
      'button',
      { type: 'button', className: 'row' },
      make('span', { className: 'title', textContent: title }),
      make('span', { className: 'muted', textContent: facts }),
    );
    open.addEventListener('click', () => this.#show(conversation, title));
    return make('li', {}, open, deleteButton(title, () => this.#delete(id)));
  }

  /** Its title, or else the first words that the user said in it. */
  async #title({ id, title, message_count: count }) {
    if (title) return title;
    if (count === 0) return 'Nothing said';
    if (!this.#firstWords.has(id)) {
      const { data } = await api.listMessages(id, { limit: MESSAGES_FOR_A_TITLE });
      const first = data.find((message) => message.role === 'user') ?? data[0];
      const words = first?.content || 'Untitled';
      // The user may still have to say something.
      if (first?.role !== 'user' && data.length < MESSAGES_FOR_A_TITLE) return words;
      this.#firstWords.set(id, words);
    }
    return this.#firstWords.get(id);
  }

  #show(conversation, title) {
    this.#open = new StoredConversation(conversation, {
      onContinue: () => this.#onContinue(conversation.id),
      onDelete: () => this.#delete(conversation.id),
    });
    byID('back').hidden = false;
    setText(byID('stored-title'), title);
    byID('stored').replaceChildren(this.#open.element);
    byID('stored').scrollTop = 0;
    byID('back').focus();
    this.#attempt(() => this.#open.load());
  }

  #close() {
    this.#open = null;
    byID('back').hidden = true;
    byID('stored').focus();
    return this.refresh();
  }

  #delete(id) {
    return this.#attempt(async () => {
      await api.deleteConversation(id);
      await this.#close();
    });
  }

  async #attempt(work) {
    try {
      await work();
      setText(byID('stored-problem'), '');
    } catch (error) {
      setText(byID('stored-problem'), `${error.message}.`);
    }
  }
}
