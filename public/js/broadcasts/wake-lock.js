/** Keeps the screen on while it is wanted, where the browser can. */
export class WakeLock {
  #isWanted = false;
  #lock = null;

  constructor(signal) {
    // A lock ends when the page is not seen.
    document.addEventListener('visibilitychange', () => this.#hold(), { signal });
    signal.addEventListener('abort', () => this.want(false));
  }

  want(isWanted) {
    if (isWanted === this.#isWanted) return;
    this.#isWanted = isWanted;
    if (isWanted) return void this.#hold();
    this.#lock?.release().catch(() => {});
    this.#lock = null;
  }

  async #hold() {
    if (!this.#isWanted || document.hidden || !navigator.wakeLock) return;
    try {
      this.#lock = await navigator.wakeLock.request('screen');
      if (!this.#isWanted) this.#lock.release();
    } catch {
      // A low battery forbids it, for example; the captions go on.
    }
  }
}
