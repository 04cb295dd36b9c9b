import { RATE_HZ } from '../audio/pcm.js';
import { openSocket } from './socket-link.js';

const BYTES_PER_SAMPLE = 2;
const OPEN_TIMEOUT_MS = 8_000;
/** The broker says each second how things are; when it is silent for so long, it is gone. */
const SILENCE_MS = 8_000;
/** Some 11 s of speech; more is of no use to those who listen. */
const UNSENT_LIMIT_BYTES = 512 * 1024;

/**
 * One connection of who speaks. `onEvent` gets what the broker says; `done` resolves when it is
 * over, to `{code, wasReady, unsentSamples}`.
 */
export class SpeakerLink {
  done;
  #finish;
  #socket;
  #wasReady = false;
  #timer;

  constructor(id, onEvent) {
    this.done = new Promise((resolve) => (this.#finish = resolve));
    this.#socket = openSocket(id, 'speak', { rate: RATE_HZ });
    this.#expect(OPEN_TIMEOUT_MS);
    this.#socket.onmessage = ({ data }) => {
      this.#expect(SILENCE_MS);
      const event = JSON.parse(data);
      this.#wasReady ||= event.type === 'speaker.ready';
      onEvent(event);
    };
    this.#socket.onclose = ({ code }) => this.#end(code);
  }

  /** Whether it could be sent: more than it takes is left out. */
  send(samples) {
    const { bufferedAmount } = this.#socket;
    if (!this.#isOpen || bufferedAmount > UNSENT_LIMIT_BYTES) return false;
    this.#socket.send(samples);
    return true;
  }

  close() {
    this.#end(1000);
  }

  get #isOpen() {
    return this.#wasReady && this.#socket.readyState === WebSocket.OPEN;
  }

  #expect(withinMs) {
    clearTimeout(this.#timer);
    this.#timer = setTimeout(() => this.#end(1006), withinMs);
  }

  #end(code) {
    clearTimeout(this.#timer);
    this.#socket.onmessage = null;
    this.#socket.onclose = null;
    const unsentSamples = Math.floor(this.#socket.bufferedAmount / BYTES_PER_SAMPLE);
    this.#socket.close(1000);
    this.#finish({ code, wasReady: this.#wasReady, unsentSamples });
  }
}
