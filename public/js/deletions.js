import { showBriefly, showToast } from './views/toast.js';

const UNDO_MS = 8_000;

/**
 * What is about to be deleted: gone from sight at once, at the broker when the time to undo it is
 * over, or when the page goes away.
 *
 * Tells `change` when something begins, is undone (`undone` is its id), or failed; lists leave out
 * what `has` it.
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

  /**
   * `remove(id, {isLeaving})` asks the broker; `what` is the object, as in “Deleted what”. Time
   * stands still for who is about to undo it.
   */
  add(id, what, remove) {
    const toast = showToast(`Deleted ${what}`, { text: 'Undo', run: () => this.#undo(id) });
    this.#waiting.set(id, { remove, toast, what, timer: null });
    for (const type of ['pointerenter', 'focusin']) {
      toast.addEventListener(type, () => clearTimeout(this.#waiting.get(id)?.timer));
    }
    for (const type of ['pointerleave', 'focusout']) {
      toast.addEventListener(type, () => this.#startTime(id));
    }
    this.#startTime(id);
    this.#changed();
  }

  #startTime(id) {
    const entry = this.#waiting.get(id);
    if (!entry) return;
    clearTimeout(entry.timer);
    entry.timer = setTimeout(() => this.#finish(id), UNDO_MS);
  }

  #take(id) {
    const entry = this.#waiting.get(id);
    this.#waiting.delete(id);
    clearTimeout(entry.timer);
    entry.toast.remove();
    return entry;
  }

  #undo(id) {
    this.#take(id);
    this.#changed(id);
  }

  async #finish(id) {
    this.#done.add(id);
    const { remove, what } = this.#take(id);
    try {
      await remove(id);
    } catch (error) {
      // What is gone already is what was wanted.
      if (error.status === 404) return;
      this.#done.delete(id);
      this.#changed();
      showBriefly(`Could not delete ${what}. ${error.message}.`);
    }
  }

  #changed(undone) {
    this.dispatchEvent(new CustomEvent('change', { detail: { undone } }));
  }
}

export const deletions = new Deletions();
