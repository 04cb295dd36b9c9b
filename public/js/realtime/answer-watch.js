/** What upstream confirms at once, whatever else it does. */
const ANSWERED = new Set(['conversation.item.create', 'input_audio_buffer.commit']);
const PATIENCE_MS = 10_000;

/**
 * Notices a connection that is dead without a word: what is sent by it is not answered.
 */
export class AnswerWatch {
  #onSilence;
  /** @type {ReturnType<typeof setTimeout>|undefined} */
  #timer;

  /** @param {() => void} onSilence */
  constructor(onSilence) {
    this.#onSilence = onSilence;
  }

  /** @param {{type: string}} event */
  sent({ type }) {
    if (this.#timer === undefined && ANSWERED.has(type)) this.expect(PATIENCE_MS);
  }

  /**
   * Something is to come within this.
   *
   * @param {number} patienceMs
   */
  expect(patienceMs) {
    this.stop();
    this.#timer = setTimeout(() => {
      this.stop();
      this.#onSilence();
    }, patienceMs);
  }

  /** Something came, so the connection lives; or it is over. */
  stop() {
    clearTimeout(this.#timer);
    this.#timer = undefined;
  }
}
