import { activity, lossesOf } from './conversation.js';
import { lossText } from './plain-words.js';

/** What a conversation loses, and is owed, when another session takes over. */
export class Handover {
  /** @type {string[]} */
  #lost = [];
  #isAnswerOwed = false;
  #isToBeTold = false;

  /** It was to be, since upstream's sessions end: that is told, even if nothing is lost. */
  renewed() {
    this.#isToBeTold = true;
  }

  /**
   * The session before is over.
   *
   * @param {import('./conversation.js').Conversation} conversation as it was left
   */
  left(conversation) {
    this.#lost.push(...lossesOf(conversation));
    const { order, items } = conversation;
    // A greeting is owed to nobody.
    const isAsked = order.some((id) => items[id].role === 'user');
    this.#isAnswerOwed ||= isAsked && activity(conversation) === 'thinking';
  }

  /**
   * The next session is there.
   *
   * @returns {{text: string|null, isAnswerOwed: boolean}} what to tell of it, and whether what the
   * user said last has no answer
   */
  take() {
    const text = this.#isToBeTold || this.#lost.length > 0 ? lossText(this.#lost) : null;
    const isAnswerOwed = this.#isAnswerOwed;
    this.#lost = [];
    this.#isAnswerOwed = false;
    this.#isToBeTold = false;
    return { text, isAnswerOwed };
  }
}
