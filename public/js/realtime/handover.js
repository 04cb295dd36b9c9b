import { activity, lossesOf } from './conversation.js';
import { lossText } from './plain-words.js';

/**
 * @typedef {import('./conversation.js').Conversation} Conversation
 * @typedef {import('./types.js').RealtimeEvent} RealtimeEvent
 */

/** What a conversation loses, and is owed, when another session takes over. */
export class Handover {
  /** @type {string[]} */
  #lost = [];
  #isAnswerOwed = false;
  /** Whether it was to be, since upstream's sessions end: that is told, even if nothing is lost. */
  #isRenewal = false;
  /**
   * What was said before the next session was asked for, which is told of it by the broker.
   *
   * @type {Conversation|null}
   */
  #asked = null;
  /** @type {typeof import('./retelling.js')|null} */
  #retelling = null;

  /**
   * The next session is about to be asked for; it takes over later.
   *
   * @param {Conversation} conversation
   */
  async renewing(conversation) {
    this.#asked = conversation;
    // It came with the call.
    this.#retelling = await import('./retelling.js');
  }

  /** The session that was asked for takes over. */
  renewed() {
    this.#isRenewal = true;
  }

  /**
   * The session before is over.
   *
   * @param {Conversation} conversation as it was left
   */
  left(conversation) {
    this.#lost.push(...lossesOf(conversation));
    const { order, items } = conversation;
    // A greeting is owed to nobody.
    const isAsked = order.some((id) => items[id].role === 'user');
    this.#isAnswerOwed ||= isAsked && activity(conversation) === 'thinking';
  }

  /**
   * The next session is there, or none will be.
   *
   * @param {Conversation} conversation
   * @returns {{text: string|null, isAnswerOwed: boolean, retellings: RealtimeEvent[]}} what to say of
   * it, whether what the user said last has no answer, and what tells it what it has missed
   */
  take(conversation) {
    const text = this.#isRenewal || this.#lost.length > 0 ? lossText(this.#lost) : null;
    const isAnswerOwed = this.#isAnswerOwed;
    const before = this.#isRenewal ? this.#asked : null;
    const retellings = (before && this.#retelling?.retellings(conversation, before)) ?? [];
    this.#lost = [];
    this.#isAnswerOwed = false;
    this.#isRenewal = false;
    this.#asked = null;
    return { text, isAnswerOwed, retellings };
  }
}
