import { SessionClock } from './session-clock.js';

const PAUSE_MS = 5_000;

/**
 * @typedef {import('./connector.js').Connection} Connection
 * @typedef {object} Calls what a renewal asks and tells
 * @property {(signal: AbortSignal) => Promise<Connection>} open the next call, unheard and silent
 * @property {() => boolean} isQuiet whether nobody speaks or waits
 * @property {(next: Connection) => void} takeOver
 * @property {(dropped: Connection) => void} drop a call that will not take over
 */

/**
 * Renews a call before upstream ends it: the next one is opened in good time, and takes over when
 * nobody speaks. Relayed sessions are renewed by the broker.
 */
export class Renewal {
  #calls;
  #clock;
  /** @type {Connection|null} */
  #next = null;
  #isOpening = false;
  #notBeforeMs = 0;
  #closing = new AbortController();

  /**
   * @param {Calls} calls
   * @param {number} endsAtMs when upstream ends the call
   */
  constructor(calls, endsAtMs) {
    this.#calls = calls;
    this.#clock = new SessionClock(endsAtMs, Date.now());
  }

  get endsAtMs() {
    return this.#clock.endsAtMs;
  }

  /** To be called every now and then. */
  tick() {
    const nowMs = Date.now();
    if (this.#closing.signal.aborted || !this.#clock.isRenewalDue(nowMs)) return;
    if (!this.#next) this.#open(nowMs);
    else if (this.#calls.isQuiet() || this.#clock.isLastCall(nowMs)) this.#takeOver(this.#next);
  }

  /**
   * The next call ended before its time.
   *
   * @param {Connection} connection
   */
  forget(connection) {
    if (connection === this.#next) this.#next = null;
  }

  close() {
    this.#closing.abort();
    if (this.#next) this.#calls.drop(this.#next);
    this.#next = null;
  }

  /** @param {Connection} next */
  #takeOver(next) {
    this.#next = null;
    this.#calls.takeOver(next);
  }

  /** @param {number} nowMs */
  async #open(nowMs) {
    if (this.#isOpening || nowMs < this.#notBeforeMs) return;
    this.#isOpening = true;
    try {
      this.#next = await this.#calls.open(this.#closing.signal);
    } catch {
      // It is tried again; and if it never succeeds, the end is a loss like others.
      this.#notBeforeMs = Date.now() + PAUSE_MS;
    }
    this.#isOpening = false;
    this.tick();
  }
}
