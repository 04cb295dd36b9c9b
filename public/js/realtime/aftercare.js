// What is left to do at the broker.

/**
 * @typedef {import('./reports.js').CallSession & {transport: string}} EndedSession
 * @typedef {import('./conversation.js').Conversation} Conversation
 */

/** Tells the broker of ends, and sees to it that what was said in calls is stored. */
export class Aftercare {
  #api;
  /** @type {import('./reports.js').Reports|null} */
  #reports = null;
  /** Resolves when the broker knows of the last end, if it can be told. */
  ended = Promise.resolve();

  /** @param {import('./types.js').BrokerAPI} api */
  constructor(api) {
    this.#api = api;
  }

  /**
   * @param {EndedSession} session
   * @param {Conversation} conversation
   * @param {{isLeaving?: boolean}} how
   */
  end(session, conversation, how) {
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
    // It came with the call.
    const { Reports } = await import('./reports.js');
    this.#reports ??= new Reports(this.#api);
    await this.#reports.check(session, conversation);
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
