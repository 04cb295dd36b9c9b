// Reports what was said in a call while the broker was not there to hear it.

import { Backoff } from './backoff.js';
import { heardText } from './items.js';
import { isTemporary } from './plain-words.js';
import { retry } from './retry.js';

const PER_PAGE = 100;
/** So many messages are looked through for what is stored; what lies further back is reported again. */
const PAGES = 10;
/** So many items are remembered as settled. */
const LIMIT = 5_000;

/**
 * @typedef {import('./items.js').Item} Item
 * @typedef {import('./conversation.js').Conversation} Conversation
 * @typedef {{id: string, conversation_id: string}} CallSession
 */

/**
 * Compares what a call's page has seen with what is stored, and posts what is missing. The broker
 * stores each item once, by its id, whoever tells of it.
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
  /**
   * In which sessions the others were said: a renewed call has them, too.
   *
   * @type {Map<string, string>}
   */
  #sessions = new Map();

  /**
   * @param {import('./types.js').BrokerAPI} api
   * @param {() => {isOver: boolean, pause: (signal: AbortSignal) => Promise<void>}} [makePauses]
   */
  constructor(api, makePauses = () => new Backoff()) {
    this.#api = api;
    this.#makePauses = makePauses;
  }

  /**
   * Sees to it that what has ended in a session until now is stored; it tries for some two minutes.
   *
   * @param {CallSession} session
   * @param {Conversation} conversation
   */
  async check(session, { order, items }) {
    // What is said before the user says anything is a greeting, which the broker keeps only if heard.
    if (!order.some((id) => items[id].role === 'user')) return;
    const ended = order.map((id) => items[id]).filter((item) => this.#isToBeStored(item));
    for (const { id } of ended) this.#sessions.set(id, this.#sessions.get(id) ?? session.id);
    const { signal } = new AbortController();
    // What cannot be reported now is reported by the next check, if there is one.
    await retry(this.#makePauses(), signal, () =>
      this.#report(session.conversation_id, ended.filter(({ id }) => !this.#settled.has(id))),
    ).catch(() => {});
  }

  /** @param {Item} item */
  #isToBeStored({ id, status, text, previousItemID }) {
    const isTold = previousItemID !== undefined && status !== 'in_progress' && text !== '';
    return isTold && !this.#settled.has(id);
  }

  /**
   * @param {string} conversationID
   * @param {Item[]} items
   */
  async #report(conversationID, items) {
    if (items.length === 0) return;
    const stored = await this.#storedAmong(items, conversationID);
    for (const item of items) {
      if (!stored.has(item.id)) await this.#post(conversationID, item);
      this.#settle(item.id);
    }
  }

  /**
   * @param {Item[]} items
   * @param {string} conversationID
   */
  async #storedAmong(items, conversationID) {
    const stored = new Set();
    let page = { last_id: '', has_more: true };
    for (let count = 0; count < PAGES && page.has_more; count += 1) {
      const wanted = { order: 'desc', limit: PER_PAGE, after: page.last_id };
      const answer = await this.#api.listMessages(conversationID, wanted);
      for (const message of answer.data) stored.add(message.item_id);
      if (items.every(({ id }) => stored.has(id))) break;
      page = answer;
    }
    return stored;
  }

  /**
   * @param {string} conversationID
   * @param {Item} item
   */
  async #post(conversationID, item) {
    try {
      const message = { ...body(item), session_id: this.#sessions.get(item.id) };
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
    this.#sessions.delete(id);
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
