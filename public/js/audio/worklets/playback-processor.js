// Plays what the model says, and tells what was heard of it.

import { PlaybackQueue } from './playback-queue.js';

const BLOCK_SAMPLES = 128;

/**
 * Takes `{type: 'play', itemID, contentIndex, samples}`, `{type: 'finish'}` and `{type: 'clear',
 * id}`. Posts `{type: 'playing', isPlaying}` as it changes, and answers each `clear` with
 * `{type: 'cleared', id, heard}`; `heard` has what was being played first.
 */
class PlaybackProcessor extends AudioWorkletProcessor {
  #queue = new PlaybackQueue();
  #wasPlaying = false;
  /** The last block of what was cleared, played fading: cut sharply, it would click. */
  #tail = new Float32Array(BLOCK_SAMPLES);
  #hasTail = false;

  constructor() {
    super();
    this.port.onmessage = ({ data }) => this.#take(data);
  }

  /**
   * @param {Float32Array[][]} _
   * @param {Float32Array[][]} outputs
   */
  process(_, [channels]) {
    const block = channels[0];
    if (this.#hasTail) {
      block.set(this.#tail);
      this.#hasTail = false;
    } else {
      this.#queue.read(block);
    }
    if (this.#queue.isPlaying !== this.#wasPlaying) this.#tellPlaying();
    return true;
  }

  /** @param {any} message */
  #take(message) {
    if (message.type === 'play') this.#queue.add(message);
    if (message.type === 'finish') this.#queue.finish();
    if (message.type === 'clear') this.#clear(message.id);
  }

  /** @param {number} id */
  #clear(id) {
    this.#hasTail = this.#queue.isPlaying;
    if (this.#hasTail) this.#keepTail();
    const heard = this.#queue.clear();
    this.port.postMessage({ type: 'cleared', id, heard });
    if (this.#wasPlaying) this.#tellPlaying();
  }

  #keepTail() {
    this.#queue.read(this.#tail);
    for (let index = 0; index < BLOCK_SAMPLES; index += 1) {
      this.#tail[index] *= 1 - index / BLOCK_SAMPLES;
    }
  }

  #tellPlaying() {
    this.#wasPlaying = this.#queue.isPlaying;
    this.port.postMessage({ type: 'playing', isPlaying: this.#wasPlaying });
  }
}

registerProcessor('playback', PlaybackProcessor);
