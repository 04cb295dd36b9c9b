/** @typedef {import('./types.js').RealtimeEvent} RealtimeEvent */

/** The events that a returning client missed: they come first, and what is unconfirmed then was lost. */
export class Replay {
  #ended;
  /** How many are still to come. */
  #left = 0;
  /** Whether the connection can be sent on, and nobody was told yet that all is there. */
  #isReady = false;

  /** @param {() => void} ended */
  constructor(ended) {
    this.#ended = ended;
  }

  /** @param {RealtimeEvent} event */
  received({ type, events_replayed: count = 0 }) {
    if (type === 'broker.session') this.#left = count;
    else if (this.#left > 0) this.#left -= 1;
    this.#end();
  }

  /** The client is back. */
  ready() {
    this.#isReady = true;
    this.#end();
  }

  /** It is gone again. */
  lost() {
    this.#isReady = false;
  }

  #end() {
    if (!this.#isReady || this.#left > 0) return;
    this.#isReady = false;
    this.#ended();
  }
}
