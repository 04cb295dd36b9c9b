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
   * @returns {boolean} whether there was room for it
   */
  add(text) {
    if (this.#unsent.isFull) return false;
    this.#unsent.add(makeID('item_'), text);
    return true;
  }

  /** Whether something waits that did not go out on this connection. */
  get isWaiting() {
    this.#unsent.refresh();
    return this.#waiting.length > 0;
  }

  sendAll() {
    for (const { id, text } of this.#waiting) {
      if (this.#send(userMessage(text, id))) this.#sent.add(id);
    }
  }

  /** What is unconfirmed has to be sent again. */
  connectionLost() {
    this.#sent.clear();
  }

  /**
   * Upstream has it, or will never take it.
   *
   * @param {string} id
   */
  settled(id) {
    this.#unsent.remove(id);
  }

  get #waiting() {
    return this.#unsent.entries.filter(({ id }) => !this.#sent.has(id));
  }
}
