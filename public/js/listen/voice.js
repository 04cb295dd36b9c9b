import { fromBase64, RATE_HZ } from '../audio/pcm.js';
import { Player } from '../audio/player.js';

/** A voice that is so late is not what is being said any more. */
const MOST_AHEAD_MS = 20_000;

/** Plays a translation's voice as it comes, without gaps. Make it in a user's gesture. */
export class Voice {
  #player;
  #opened;
  /** When all that came will have been played, in the player's time. */
  #endsAtMs = 0;
  #closing = new AbortController();

  constructor(onPlaying) {
    this.#player = new Player(onPlaying);
    this.#open();
    // A device that slept lets nothing sound until it is asked to.
    const wake = () => document.hidden || this.#open();
    document.addEventListener('visibilitychange', wake, { signal: this.#closing.signal });
  }

  #open() {
    this.#opened = this.#player.open().then(() => true, () => false);
  }

  async hear(base64) {
    if (!(await this.#opened) || this.#closing.signal.aborted) return;
    const samples = fromBase64(base64);
    const nowMs = this.#player.timeMs;
    if (this.#endsAtMs - nowMs > MOST_AHEAD_MS) this.silence();
    this.#endsAtMs = Math.max(this.#endsAtMs, nowMs) + (samples.length / RATE_HZ) * 1_000;
    this.#player.play('voice', 0, samples);
  }

  silence() {
    this.#endsAtMs = 0;
    this.#player.clear();
  }

  close() {
    this.#closing.abort();
    this.#player.close();
  }
}
