import { makeID, userMessage } from './events.js';
import { Unsent } from './unsent.js';

/** What is typed: kept until upstream has it, sent as soon as there is a connection. */
export class Typing {
  #unsent;
  #send;
  /**
   * The items that went out on this connection.
   *
   * @type {Set<string>}
   */
  #sent = new Set();

  /**
   * @param {import('./unsent.js').Store} storage
   * @param {(event: import('./types.js').RealtimeEvent) => boolean} send
   */
  constructor(storage, send) {
    this.#unsent = new Unsent(storage);
    this.#send = send;
  }

  /** What upstream has not confirmed. */
  get entries() {
    return this.#unsent.entries;
  }

  get ids() {
    return this.#unsent.ids;
  }

  /**
   * @param {string} text
   * @param {string|null} conversationID what it is typed in; null where there is none yet
   * @returns {boolean} whether there was room for it
   */
  add(text, conversationID) {
    if (this.#unsent.isFull) return false;
    this.#unsent.add(makeID('item_'), text, conversationID);
    return true;
  }

  /**
   * Whether something waits for this conversation that did not go out on this connection.
   *
   * @param {string} conversationID
   */
  isWaitingFor(conversationID) {
    this.refresh();
    return this.#waitingFor(conversationID).length > 0;
  }

  /** @param {string} conversationID */
  sendAll(conversationID) {
    for (const entry of this.#waitingFor(conversationID)) {
      if (!this.#send(userMessage(entry.text, entry.id))) continue;
      this.#sent.add(entry.id);
      this.#unsent.bind(entry, conversationID);
    }
  }

  /** Forgets what another tab has sent meanwhile. */
  refresh() {
    this.#unsent.refresh();
  }

  /** What is unconfirmed has to be sent again. */
  connectionLost() {
    this.#sent.clear();
  }

  /**
   * Upstream has it or will never take it, or the user gave it up.
   *
   * @param {string} id
   */
  settled(id) {
    this.#unsent.remove(id);
  }

  /** @param {string} conversation */
  #waitingFor(conversation) {
    return this.#unsent.entries.filter(({ id, conversationID }) =>
      !this.#sent.has(id) && (conversationID ?? conversation) === conversation);
  }
}
