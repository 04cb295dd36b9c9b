// Reports what was said in a call while the broker was not there to hear it.

import { Backoff } from './backoff.js';
import { hasEnded, heardText } from './items.js';
import { isTemporary } from './plain-words.js';
import { retry } from './retry.js';
import { Unreported } from './unreported.js';

const PER_PAGE = 100;
/** So many messages are looked through for what is stored; what lies further back is reported again. */
const PAGES = 10;
/** So many items are remembered as settled. */
const LIMIT = 5_000;

/**
 * @typedef {import('./items.js').Item} Item
 * @typedef {import('./conversation.js').Conversation} Conversation
 * @typedef {import('./unreported.js').Message} Message
 * @typedef {{id: string, conversation_id: string}} CallSession
 */

/**
 * Compares what a call's page has seen with what is stored, and posts what is missing, after a reload
 * if need be. The broker stores each item once, by its id, whoever tells of it.
 */
export class Reports {
  #api;
  #makePauses;
  /**
   * What is stored, or will never be.
   *
   * @type {Set<string>}
   */
  #settled = new Set();
  #unreported;

  /**
   * @param {import('./types.js').BrokerAPI} api
   * @param {import('./saved.js').Store} storage
   * @param {() => {isOver: boolean, pause: (signal: AbortSignal) => Promise<void>}} [makePauses]
   */
  constructor(api, storage, makePauses = () => new Backoff()) {
    this.#api = api;
    this.#unreported = new Unreported(storage);
    this.#makePauses = makePauses;
  }

  /**
   * Sees to it that what has ended in a session until now is stored; it tries for some two minutes.
   *
   * @param {CallSession} session
   * @param {Conversation} conversation
   */
  async check(session, conversation) {
    this.keep(session, conversation);
    await this.#reportAll(session.conversation_id);
  }

  /**
   * Notes what has ended in a session until now, for the next check, also that of another page.
   *
   * @param {CallSession} session
   * @param {Conversation} conversation
   */
  keep(session, { order, items }) {
    // What is said before the user says anything is a greeting, which the broker keeps only if heard.
    if (!order.some((id) => items[id].role === 'user')) return;
    const unsettled = order.map((id) => items[id])
      .filter((item) => hasEnded(item) && !this.#settled.has(item.id));
    for (const item of unsettled) {
      this.#unreported.keep(session.conversation_id, { ...body(item), session_id: session.id });
    }
  }

  /** Sees to it that what an earlier page has noted is stored. */
  async resume() {
    await Promise.all(this.#unreported.conversationIDs.map((id) => this.#reportAll(id)));
  }

  /** @param {string} conversationID */
  async #reportAll(conversationID) {
    const { signal } = new AbortController();
    // What cannot be reported now is reported by the next check.
    await retry(this.#makePauses(), signal, () => this.#report(conversationID)).catch(() => {});
  }

  /** @param {string} conversationID */
  async #report(conversationID) {
    const messages = this.#unreported.of(conversationID);
    if (messages.length === 0) return;
    const stored = await this.#storedAmong(messages, conversationID);
    for (const message of messages) {
      if (!stored.has(message.item_id)) await this.#post(conversationID, message);
      this.#settle(message.item_id);
    }
  }

  /**
   * @param {Message[]} messages
   * @param {string} conversationID
   */
  async #storedAmong(messages, conversationID) {
    const stored = new Set();
    let page = { last_id: '', has_more: true };
    for (let count = 0; count < PAGES && page.has_more; count += 1) {
      const wanted = { order: 'desc', limit: PER_PAGE, after: page.last_id };
      const answer = await this.#page(conversationID, wanted);
      for (const message of answer.data) stored.add(message.item_id);
      if (messages.every(({ item_id: id }) => stored.has(id))) break;
      page = answer;
    }
    return stored;
  }

  /**
   * Of a conversation that is gone, nothing is stored; what is posted to it is refused, too.
   *
   * @param {string} conversationID
   * @param {object} wanted
   */
  async #page(conversationID, wanted) {
    try {
      return await this.#api.listMessages(conversationID, wanted);
    } catch (error) {
      if (isTemporary(error)) throw error;
      return { data: [], last_id: '', has_more: false };
    }
  }

  /**
   * @param {string} conversationID
   * @param {Message} message
   */
  async #post(conversationID, message) {
    try {
      await this.#api.storeMessage(conversationID, message);
    } catch (error) {
      // What was deleted, for example, is not to come back.
      if (isTemporary(error)) throw error;
    }
  }

  /** @param {string} id */
  #settle(id) {
    if (this.#settled.size === LIMIT) this.#settled.clear();
    this.#settled.add(id);
    this.#unreported.remove(id);
  }
}

/**
 * An item as `POST /api/conversations/{id}/messages` takes it.
 *
 * @param {Item} item
 */
function body(item) {
  const { id, type, status, text, previousItemID } = item;
  const common = { item_id: id, previous_item_id: previousItemID, type, status };
  if (type === 'function_call') {
    return { ...common, name: item.name, call_id: item.callID, arguments: text };
  }
  if (type === 'function_call_output') return { ...common, call_id: item.callID, output: text };
  const cut = item.audioEndMs !== null && {
    audio_end_ms: item.audioEndMs, heard_text: heardText(item).heard,
  };
  const metadata = { ...(item.isSpoken && { spoken: true }), ...cut };
  return { ...common, role: item.role, content: text, metadata };
}
