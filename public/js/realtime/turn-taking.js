import {
  clearedInput, committedInput, responseCancellation, responseRequest, truncation,
} from './events.js';

/** A microphone hears some time before what it heard is on its way. */
const RELEASE_TAIL_MS = 200;
/** Upstream takes no turn that is shorter than 100 ms. */
const SHORTEST_PRESS_MS = 200;

/**
 * @typedef {import('./types.js').RealtimeEvent} RealtimeEvent
 * @typedef {object} Floor what a session lets its turns see and do
 * @property {() => import('./types.js').Transport|null} transport
 * @property {() => import('../audio/microphone.js').Microphone|null} microphone
 * @property {() => boolean} hasActiveResponse
 * @property {(event: RealtimeEvent) => boolean} send
 * @property {(text: string) => void} hint
 */

/** Whose turn it is: responses one at a time, talking over an answer, cutting it short, and push to talk. */
export class TurnTaking {
  #floor;
  #pressedAtMs = 0;
  #isReleasing = false;
  /** Whether the model is to go on as soon as nothing else runs. */
  #owesResponse = false;
  /**
   * How far the last answer that was cut was heard, until upstream has confirmed it.
   *
   * @type {RealtimeEvent|null}
   */
  #cut = null;
  isPressed = false;

  /** @param {Floor} floor */
  constructor(floor) {
    this.#floor = floor;
  }

  /** Has the model answer, once it has ended what it is saying. */
  askForResponse() {
    this.#owesResponse = true;
    this.goOn();
  }

  /** A response has ended. */
  goOn() {
    if (!this.#owesResponse || this.#floor.hasActiveResponse()) return;
    this.#owesResponse = !this.#floor.send(responseRequest());
  }

  /** Another session begins, which owes nothing. */
  reset() {
    this.#owesResponse = false;
    this.#cut = null;
  }

  /**
   * Upstream has cut an answer, or will not.
   *
   * @param {RealtimeEvent} event
   */
  settled({ item_id: item, error }) {
    const isIt = error ? error.event_id === this.#cut?.event_id : item === this.#cut?.item_id;
    if (isIt) this.#cut = null;
  }

  /** The session is connected again, and what was missed is there: it may not know of a cut. */
  resumed() {
    if (!this.#cut) return;
    if (this.#floor.hasActiveResponse()) this.#floor.send(responseCancellation());
    this.#floor.send(this.#cut);
  }

  /** The user talks over the answer. Upstream ends the response by itself. */
  async bargedIn() {
    const transport = this.#floor.transport();
    if (transport && !transport.truncatesItself) await this.#silence(transport);
  }

  /** Cuts the answer short. */
  async stopAnswer() {
    const transport = this.#floor.transport();
    if (!transport) return;
    if (this.#floor.hasActiveResponse()) this.#floor.send(responseCancellation());
    await this.#silence(transport);
  }

  /** Push to talk: the user begins. */
  press() {
    const microphone = this.#floor.microphone();
    if (this.isPressed || !microphone) return;
    this.isPressed = true;
    // Pressed again at once, it is still the same turn.
    if (this.#isReleasing) return;
    this.#pressedAtMs = performance.now();
    this.stopAnswer();
    this.#floor.send(clearedInput());
    microphone.isOpen = true;
  }

  /** Push to talk: the user has ended. */
  async release() {
    if (!this.isPressed) return;
    this.isPressed = false;
    if (this.#isReleasing) return;
    this.#isReleasing = true;
    const isTooShort = performance.now() - this.#pressedAtMs < SHORTEST_PRESS_MS;
    await new Promise((resolve) => setTimeout(resolve, RELEASE_TAIL_MS));
    this.#isReleasing = false;
    if (!this.isPressed) this.#endTurn(isTooShort);
  }

  /** @param {boolean} isTooShort */
  #endTurn(isTooShort) {
    const microphone = this.#floor.microphone();
    if (microphone) microphone.isOpen = false;
    if (isTooShort) {
      this.#floor.send(clearedInput());
      return this.#floor.hint('Hold the button, or the space bar, for as long as you speak.');
    }
    if (this.#floor.send(committedInput())) this.askForResponse();
  }

  /** @param {import('./types.js').Transport} transport */
  async #silence(transport) {
    const heard = await transport.silence();
    if (!heard || transport.truncatesItself) return;
    this.#cut = truncation(heard);
    this.#floor.send(this.#cut);
  }
}
