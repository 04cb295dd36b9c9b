// What is left to do at the broker.

import { prefixes, savedEntries } from './saved.js';

/**
 * @typedef {import('./reports.js').CallSession & {transport: string}} EndedSession
 * @typedef {import('./conversation.js').Conversation} Conversation
 */

/** Tells the broker of ends, and sees to it that what was said in calls is stored. */
export class Aftercare {
  #api;
  #storage;
  /** @type {import('./reports.js').Reports|null} */
  #reports = null;
  /** Resolves when the broker knows of the last end, if it can be told. */
  ended = Promise.resolve();

  /**
   * @param {import('./types.js').BrokerAPI} api
   * @param {import('./saved.js').Store} storage
   */
  constructor(api, storage) {
    this.#api = api;
    this.#storage = storage;
    this.#resume();
  }

  /**
   * @param {EndedSession} session
   * @param {Conversation} conversation
   * @param {{isLeaving?: boolean}} how
   */
  end(session, conversation, how) {
    // Of a page that is going away, nothing is done later.
    if (session.transport === 'webrtc') this.#reports?.keep(session, conversation);
    this.ended = this.#end(session, conversation, how);
    return this.ended;
  }

  /**
   * What a call said is stored, also if the broker was away.
   *
   * @param {EndedSession|null} session
   * @param {Conversation} conversation
   */
  async report(session, conversation) {
    if (session?.transport !== 'webrtc') return;
    const reports = await this.#loaded();
    await reports.check(session, conversation);
  }

  /** An earlier page may have left something. */
  async #resume() {
    if (savedEntries(this.#storage, prefixes.unreported).length === 0) return;
    // Without a broker there is no module, and no storing either: the next page tries.
    const reports = await this.#loaded().catch(() => null);
    await reports?.resume();
  }

  async #loaded() {
    // It comes with the call.
    const { Reports } = await import('./reports.js');
    return (this.#reports ??= new Reports(this.#api, this.#storage));
  }

  /**
   * @param {EndedSession} session
   * @param {Conversation} conversation
   * @param {{isLeaving?: boolean}} how
   */
  async #end(session, conversation, how) {
    // If the broker cannot be told, it will notice by itself.
    await this.#api.endSession(session.id, how).catch(() => {});
    this.report(session, conversation);
  }
}
