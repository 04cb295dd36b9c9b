import { RATE_HZ } from '../audio/pcm.js';

const LIMIT_SAMPLES = 10 * RATE_HZ;

/** Speech that waits for a connection: the last 10 seconds; what is older is lost, and counted. */
export class SpeechBuffer {
  lostSamples = 0;
  #pieces = [];
  #count = 0;

  /** @param {Int16Array} samples */
  add(samples) {
    this.#pieces.push(samples);
    this.#count += samples.length;
    while (this.#count > LIMIT_SAMPLES) {
      const { length } = this.#pieces.shift();
      this.#count -= length;
      this.lose(length);
    }
  }

  /** So much did not get through. */
  lose(samples) {
    this.lostSamples += samples;
  }

  get lostMs() {
    return (this.lostSamples / RATE_HZ) * 1_000;
  }

  /** What waits, in order; then nothing waits. */
  take() {
    const pieces = this.#pieces;
    this.#pieces = [];
    this.#count = 0;
    return pieces;
  }
}
