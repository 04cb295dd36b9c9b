import {
  clearedInput, committedInput, responseCancellation, responseRequest, truncation,
} from './events.js';
import { isBusy, losses } from './plain-words.js';

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
   * The last request for a response, whether it was made again, and whether a response began since.
   *
   * @type {{id: string|undefined, isAgain: boolean, isBegun: boolean}|null}
   */
  #asked = null;
  /**
   * The end of a pressed turn that upstream has not confirmed yet.
   *
   * @type {RealtimeEvent|null}
   */
  #commit = null;
  /**
   * How far what was cut last was heard, until upstream has confirmed it.
   *
   * @type {RealtimeEvent[]}
   */
  #cuts = [];
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
    if (this.#owesResponse && !this.#floor.hasActiveResponse()) this.#request();
  }

  /** A response has begun, though perhaps not the one that was asked for. */
  begun() {
    if (this.#asked) this.#asked.isBegun = true;
  }

  /** The session is connected again, and what was missed is there: what is unanswered got lost. */
  askAgain() {
    if (this.#commit) this.#floor.send(this.#commit);
    if (this.#asked && !this.#asked.isBegun) this.#request(true);
    else this.goOn();
  }

  #request(isAgain = false) {
    const request = responseRequest();
    this.#owesResponse = !this.#floor.send(request);
    this.#asked = this.#owesResponse ? null : { id: request.event_id, isAgain, isBegun: false };
  }

  /** Another session begins, which owes nothing. */
  reset() {
    this.#owesResponse = false;
    this.#asked = null;
    this.#commit = null;
    this.#cuts = [];
  }

  /**
   * Upstream has cut an answer.
   *
   * @param {RealtimeEvent} event
   */
  truncated({ item_id: item }) {
    this.#cuts = this.#cuts.filter((cut) => cut.item_id !== item);
  }

  /** Upstream has the user's turn: without one, there is nothing to answer. */
  committed() {
    if (!this.#commit) return;
    this.#commit = null;
    this.askForResponse();
  }

  /**
   * Upstream does not do what it was asked for.
   *
   * @param {RealtimeEvent} event
   */
  refused({ error: { code, event_id: cause = null } }) {
    if (cause === null) return;
    this.#cuts = this.#cuts.filter((cut) => cut.event_id !== cause);
    if (cause === this.#commit?.event_id) {
      this.#commit = null;
      this.#floor.hint('Nothing was heard. Is it the right microphone?');
    }
    if (cause !== this.#asked?.id) return;
    // Upstream began an answer by itself, of what was said: that of what was typed follows it. One
    // that was asked for twice may be that very answer.
    this.#owesResponse ||= isBusy(code) && !this.#asked?.isAgain;
    this.#asked = null;
  }

  /** The session is connected again, and what was missed is there: it may not know of a cut. */
  resumed() {
    if (this.#cuts.length === 0) return;
    if (this.#floor.hasActiveResponse()) this.#floor.send(responseCancellation());
    for (const cut of this.#cuts) this.#floor.send(cut);
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
    const commit = committedInput();
    if (this.#floor.send(commit)) this.#commit = commit;
    else this.#floor.hint(losses.input_audio);
  }

  /** @param {import('./types.js').Transport} transport */
  async #silence(transport) {
    const heard = await transport.silence();
    if (heard.length === 0 || transport.truncatesItself) return;
    this.#cuts = heard.map(truncation);
    for (const cut of this.#cuts) this.#floor.send(cut);
  }
}
