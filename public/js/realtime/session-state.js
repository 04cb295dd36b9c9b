import { emptyConversation, update } from './conversation.js';

/**
 * @typedef {{after: string|null, text: string}} Notice
 * @typedef {import('./types.js').RealtimeEvent} RealtimeEvent
 */

/** What there is to see of a session. Who changes it does so by `become`, which tells of it. */
export class SessionState extends EventTarget {
  /** @type {'idle'|'connecting'|'live'|'reconnecting'|'error'} */
  phase = 'idle';
  /**
   * The broker's answer to minting, without the secret; null before the first.
   *
   * @type {any}
   */
  session = null;
  conversation = emptyConversation;
  /**
   * Sentences for the user, between the items.
   *
   * @type {Notice[]}
   */
  notices = [];
  /**
   * Why it stopped; null while all is well.
   *
   * @type {import('./types.js').Problem|null}
   */
  problem = null;
  /** @type {import('./types.js').StartOptions} */
  options = {};
  isMuted = false;
  isPlaying = false;

  get isRunning() {
    return this.phase !== 'idle' && this.phase !== 'error';
  }

  /**
   * Takes an event into the conversation.
   *
   * @param {boolean} isSent
   * @param {RealtimeEvent} event
   */
  take(isSent, event) {
    this.dispatchEvent(new CustomEvent('event', { detail: { isSent, event } }));
    const { state, notice } = update(this.conversation, event);
    if (state !== this.conversation) this.become({ conversation: state });
    if (notice) this.note(notice);
  }

  /** Says something to the user, behind what was said until now. */
  note(/** @type {string} */ text) {
    const after = this.conversation.order.at(-1) ?? null;
    this.become({ notices: [...this.notices, { after, text }] });
  }

  become(/** @type {Partial<SessionState>} */ fields) {
    Object.assign(this, fields);
    this.dispatchEvent(new CustomEvent('change'));
  }
}
