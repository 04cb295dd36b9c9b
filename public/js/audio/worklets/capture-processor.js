// The microphone as PCM, 16 bits, 24 kHz, mono, whatever the device's rate is.

import { Resampler } from './resampler.js';

const OUTPUT_RATE_HZ = 24_000;
const BATCH_SAMPLES = 960; // 40 ms
const LARGEST_SAMPLE = 32_767;

/** Posts an `Int16Array` each 40 ms. Blocks are written into arrays that are made once. */
class CaptureProcessor extends AudioWorkletProcessor {
  #resampler = new Resampler(sampleRate, OUTPUT_RATE_HZ);
  #resampled = new Float32Array(8_192);
  #batch = new Int16Array(BATCH_SAMPLES);
  #filled = 0;

  /** @param {Float32Array[][]} inputs */
  process([channels]) {
    // A device that is just being changed gives nothing.
    if (channels.length === 0) return true;
    const count = this.#resampler.process(channels[0], this.#resampled);
    for (let index = 0; index < count; index += 1) this.#add(this.#resampled[index]);
    return true;
  }

  /** @param {number} sample */
  #add(sample) {
    const whole = Math.round(sample * LARGEST_SAMPLE);
    this.#batch[this.#filled] = Math.max(-LARGEST_SAMPLE - 1, Math.min(LARGEST_SAMPLE, whole));
    this.#filled += 1;
    if (this.#filled < BATCH_SAMPLES) return;
    this.#filled = 0;
    // Posting copies it, so it can be filled again at once.
    this.port.postMessage(this.#batch);
  }
}

registerProcessor('capture', CaptureProcessor);
