const FIRST_DELAY_MS = 300;
const LONGEST_DELAY_MS = 15_000;
const TRIES = 14;
/** Without any network, a broker on this very machine is still there. */
const OFFLINE_MS = 5_000;

/**
 * Growing pauses between tries to connect, with chance in them so that many pages do not come back
 * at once. The network's return and the tab's awakening end one.
 */
export class Backoff {
  #tries = 0;

  /** After two minutes. */
  get isOver() {
    return this.#tries >= TRIES;
  }

  get tries() {
    return this.#tries;
  }

  reset() {
    this.#tries = 0;
  }

  /** @param {AbortSignal} signal */
  async pause(signal) {
    if (!navigator.onLine) await anyEvent([[window, 'online']], signal, OFFLINE_MS);
    const longest = Math.min(FIRST_DELAY_MS * 2 ** this.#tries, LONGEST_DELAY_MS);
    this.#tries += 1;
    const delayMs = longest * (0.5 + Math.random() / 2);
    await anyEvent([[window, 'online'], [document, 'visibilitychange']], signal, delayMs);
  }
}

/**
 * Resolves with the first event, or when the time is over.
 *
 * @param {[EventTarget, string][]} targets
 * @param {AbortSignal} signal
 * @param {number} timeoutMs
 * @returns {Promise<void>}
 */
function anyEvent(targets, signal, timeoutMs) {
  return new Promise((resolve, reject) => {
    if (signal.aborted) return reject(signal.reason);
    const waiting = new AbortController();
    const options = { signal: waiting.signal };
    const end = (/** @type {() => void} */ how) => {
      waiting.abort();
      clearTimeout(timer);
      how();
    };
    const timer = setTimeout(() => end(resolve), timeoutMs);
    for (const [target, type] of targets) target.addEventListener(type, () => end(resolve), options);
    signal.addEventListener('abort', () => end(() => reject(signal.reason)), options);
  });
}
