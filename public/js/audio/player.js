import { LevelMeter } from './level-meter.js';
import { notLoaded } from '../not-loaded.js';
import { RATE_HZ } from './pcm.js';

const WORKLET_URL = new URL('./worklets/playback-processor.js', import.meta.url);
const CLEAR_TIMEOUT_MS = 500;

/**
 * Plays speech without gaps, and knows what was heard of it.
 *
 * Its context runs at the speech's own rate; browsers convert to the device's. Make it in a user's
 * gesture: until one, browsers play nothing.
 */
export class Player {
  #context = new AudioContext({ sampleRate: RATE_HZ, latencyHint: 'interactive' });
  /** @type {Promise<AudioWorkletNode>|null} */
  #loading = null;
  /** @type {AudioWorkletNode|null} */
  #node = null;
  /** @type {LevelMeter|null} */
  #meter = null;
  /** @type {Map<number, (heard: import('./worklets/playback-queue.js').Heard[]) => void>} */
  #clearings = new Map();
  #lastClearing = 0;
  #onPlaying;
  isPlaying = false;

  /** @param {(isPlaying: boolean) => void} onPlaying told as speech begins and ends */
  constructor(onPlaying) {
    this.#onPlaying = onPlaying;
  }

  /** Ready to play; may be called again, for example after a sleep. */
  async open() {
    // At once: some browsers let sound begin in a gesture only, and loading ends it.
    this.wake();
    this.#loading ??= this.#load().catch(() => {
      // The next one may come through.
      this.#loading = null;
      return notLoaded();
    });
    await this.#loading;
  }

  /** Sounds, if the browser lets it: where it wants a gesture first, nothing else waits for that. */
  wake() {
    if (this.#context.state !== 'closed') this.#context.resume().catch(() => {});
  }

  /** From 0, silence, to 1, loud. */
  get level() {
    return this.isPlaying ? (this.#meter?.level ?? 0) : 0;
  }

  /** The time of what is played; it stands still while the browser lets nothing sound. */
  get timeMs() {
    return this.#context.currentTime * 1_000;
  }

  /**
   * @param {string} itemID
   * @param {number} contentIndex
   * @param {Int16Array} samples
   */
  play(itemID, contentIndex, samples) {
    const message = { type: 'play', itemID, contentIndex, samples };
    this.#node?.port.postMessage(message, [samples.buffer]);
  }

  /** Nothing more comes for now. */
  finish() {
    this.#node?.port.postMessage({ type: 'finish' });
  }

  /**
   * Falls silent.
   *
   * @returns {Promise<{itemID: string, contentIndex: number, audioEndMs: number}[]>} what was being
   * played and was still to be, and how far each was heard
   */
  async clear() {
    const cut = await this.#cleared();
    // What left the graph is not heard before it has left the device, too.
    const latencyMs = 1_000 * (this.#context.outputLatency || this.#context.baseLatency || 0);
    return cut.map(({ itemID, contentIndex, samples }) => {
      const audioEndMs = Math.max(0, Math.floor((samples / RATE_HZ) * 1_000 - latencyMs));
      return { itemID, contentIndex, audioEndMs };
    });
  }

  /** Takes no power until it is opened again. */
  rest() {
    if (this.#context.state === 'running') this.#context.suspend().catch(() => {});
  }

  async close() {
    this.#setPlaying(false);
    this.#node = null;
    if (this.#context.state !== 'closed') await this.#context.close();
  }

  async #load() {
    await this.#context.audioWorklet.addModule(WORKLET_URL);
    const node = new AudioWorkletNode(this.#context, 'playback', {
      numberOfInputs: 0,
      outputChannelCount: [1],
    });
    node.connect(this.#context.destination);
    node.port.onmessage = ({ data }) => this.#told(data);
    this.#meter = new LevelMeter(node);
    return (this.#node = node);
  }

  /** @returns {Promise<import('./worklets/playback-queue.js').Heard[]>} */
  #cleared() {
    const node = this.#node;
    if (!node) return Promise.resolve([]);
    const id = (this.#lastClearing += 1);
    return new Promise((resolve) => {
      this.#clearings.set(id, resolve);
      node.port.postMessage({ type: 'clear', id });
      // A context that the browser has suspended does not answer.
      setTimeout(() => this.#settle(id, []), CLEAR_TIMEOUT_MS);
    });
  }

  /** @param {any} message */
  #told(message) {
    if (message.type === 'cleared') this.#settle(message.id, message.heard);
    if (message.type === 'playing') this.#setPlaying(message.isPlaying);
  }

  /**
   * @param {number} id
   * @param {import('./worklets/playback-queue.js').Heard[]} heard
   */
  #settle(id, heard) {
    this.#clearings.get(id)?.(heard);
    this.#clearings.delete(id);
  }

  /** @param {boolean} isPlaying */
  #setPlaying(isPlaying) {
    if (this.isPlaying === isPlaying) return;
    this.isPlaying = isPlaying;
    this.#onPlaying(isPlaying);
  }
}
