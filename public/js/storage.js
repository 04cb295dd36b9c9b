/** Local storage, or a memory that lasts as long as the page where the browser forbids it. */
export function openStorage() {
  try {
    return globalThis.localStorage;
  } catch {
    return new MemoryStorage();
  }
}

/** The part of `Storage` that the outbox needs. */
export class MemoryStorage {
  #values = new Map();

  get length() {
    return this.#values.size;
  }

  key(index) {
    return [...this.#values.keys()][index] ?? null;
  }

  getItem(name) {
    return this.#values.get(name) ?? null;
  }

  setItem(name, value) {
    this.#values.set(name, value);
  }

  removeItem(name) {
    this.#values.delete(name);
  }
}
