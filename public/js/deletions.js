import { showToast } from './views/toast.js';

const UNDO_MS = 8_000;
const SHOWN_MS = 6_000;

/**
 * What is about to be deleted: gone from sight at once, at the broker when the time to undo it is
 * over, or when the page goes away.
 *
 * Tells `change` when something begins, is undone, or failed; lists leave out what `has` it.
 */
class Deletions extends EventTarget {
  #waiting = new Map();
  #done = new Set();

  constructor() {
    super();
    addEventListener('pagehide', () => {
      for (const [id, { remove }] of this.#waiting) remove(id, { isLeaving: true }).catch(() => {});
    });
  }

  has(id) {
    return this.#waiting.has(id) || this.#done.has(id);
  }

  /** `remove(id, {isLeaving})` asks the broker; `what` is the object, as in “Deleted what”. */
  add(id, what, remove) {
    const close = showToast(`Deleted ${what}`, { text: 'Undo', run: () => this.#undo(id) });
    const timer = setTimeout(() => this.#finish(id), UNDO_MS);
    this.#waiting.set(id, { remove, close, timer, what });
    this.#changed();
  }

  #undo(id) {
    const { close, timer } = this.#waiting.get(id);
    clearTimeout(timer);
    close();
    this.#waiting.delete(id);
    this.#changed();
  }

  async #finish(id) {
    const { remove, close, what } = this.#waiting.get(id);
    close();
    this.#done.add(id);
    this.#waiting.delete(id);
    try {
      await remove(id);
    } catch (error) {
      // What is gone already is what was wanted.
      if (error.status === 404) return;
      this.#done.delete(id);
      this.#changed();
      setTimeout(showToast(`Could not delete ${what}. ${error.message}.`), SHOWN_MS);
    }
  }

  #changed() {
    this.dispatchEvent(new CustomEvent('change'));
  }
}

export const deletions = new Deletions();
