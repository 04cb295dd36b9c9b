/**
 * Storage that outlives the page, or a memory that does not where the browser forbids it.
 *
 * @param {'localStorage'|'sessionStorage'} kind
 */
export function openStorage(kind = 'localStorage') {
  try {
    return globalThis[kind];
  } catch {
    return new MemoryStorage();
  }
}

/** The part of `Storage` that is needed here. */
export class MemoryStorage {
  /** @type {Map<string, string>} */
  #values = new Map();

  get length() {
    return this.#values.size;
  }

  /** @param {number} index */
  key(index) {
    return [...this.#values.keys()][index] ?? null;
  }

  /** @param {string} name */
  getItem(name) {
    return this.#values.get(name) ?? null;
  }

  /**
   * @param {string} name
   * @param {string} value
   */
  setItem(name, value) {
    this.#values.set(name, value);
  }

  /** @param {string} name */
  removeItem(name) {
    this.#values.delete(name);
  }
}
