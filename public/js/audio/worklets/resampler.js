// From a device's sample rate to another one, with a windowed-sinc low-pass: what the lower rate
// cannot carry is taken away instead of folding back as noise.

const ZERO_CROSSINGS = 24;
/** How far the pass band goes, as a part of what the lower rate can carry. */
const PASS_BAND = 0.92;
const LARGEST_BLOCK = 2_048;

/**
 * A polyphase filter over a stream of blocks. Nothing is allocated once it is made.
 *
 * Rates are whole numbers of hertz; the delay is half of the filter, about 1 ms.
 */
export class Resampler {
  #up;
  #down;
  #taps;
  #phases;
  /** The last `taps - 1` samples of the stream, and then the block. */
  #history;
  #held;
  /** Where the next output begins: a sample of the history, and a part of one in `1 / up`. */
  #index = 0;
  #phase = 0;

  /**
   * @param {number} inputRate
   * @param {number} outputRate
   */
  constructor(inputRate, outputRate) {
    const divisor = greatestCommonDivisor(inputRate, outputRate);
    this.#up = outputRate / divisor;
    this.#down = inputRate / divisor;
    const narrowing = Math.max(1, inputRate / outputRate);
    this.#taps = 2 * Math.ceil(ZERO_CROSSINGS * narrowing);
    this.#phases = makePhases(this.#taps, this.#up, PASS_BAND / narrowing);
    this.#held = this.#taps - 1;
    this.#history = new Float32Array(this.#held + LARGEST_BLOCK);
  }

  /**
   * Takes a block in, and writes what it gives to `output`, which must have room for it:
   * `input.length * outputRate / inputRate`, rounded up.
   *
   * @param {Float32Array} input up to 2,048 samples
   * @param {Float32Array} output
   * @returns {number} how many samples were written
   */
  process(input, output) {
    const end = this.#held + input.length;
    this.#history.set(input, this.#held);
    let written = 0;
    while (this.#index + this.#taps <= end) {
      output[written] = this.#sample();
      written += 1;
      this.#phase += this.#down;
      this.#index += Math.floor(this.#phase / this.#up);
      this.#phase %= this.#up;
    }
    // Only what later outputs still need is kept.
    const gone = Math.min(this.#index, end);
    this.#history.copyWithin(0, gone, end);
    this.#held = end - gone;
    this.#index -= gone;
    return written;
  }

  #sample() {
    const taps = this.#taps;
    const first = this.#phase * taps;
    let sum = 0;
    for (let tap = 0; tap < taps; tap += 1) {
      sum += this.#history[this.#index + tap] * this.#phases[first + tap];
    }
    return sum;
  }
}

/**
 * One filter for each part of a sample, one behind the other; `cutoff` is 1 at half the input rate.
 *
 * @param {number} taps
 * @param {number} count
 * @param {number} cutoff
 */
function makePhases(taps, count, cutoff) {
  const phases = new Float32Array(taps * count);
  for (let phase = 0; phase < count; phase += 1) {
    const filter = phases.subarray(phase * taps, (phase + 1) * taps);
    for (let tap = 0; tap < taps; tap += 1) {
      const time = tap - (taps / 2 - 1) - phase / count;
      filter[tap] = cutoff * sinc(cutoff * time) * blackman(time / taps + 0.5);
    }
    // The same loudness in each phase: without it, a rounded sum would hum.
    const sum = filter.reduce((total, value) => total + value, 0);
    for (let tap = 0; tap < taps; tap += 1) filter[tap] /= sum;
  }
  return phases;
}

/** @param {number} x */
const sinc = (x) => (x === 0 ? 1 : Math.sin(Math.PI * x) / (Math.PI * x));

/**
 * The window of the filter: 0 at 0 and 1, 1 in between.
 *
 * @param {number} x
 */
const blackman = (x) =>
  x <= 0 || x >= 1 ? 0 : 0.42 - 0.5 * Math.cos(2 * Math.PI * x) + 0.08 * Math.cos(4 * Math.PI * x);

/**
 * @param {number} a
 * @param {number} b
 * @returns {number}
 */
const greatestCommonDivisor = (a, b) => (b === 0 ? a : greatestCommonDivisor(b, a % b));
