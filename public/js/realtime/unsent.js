// What was typed and is not upstream's yet: kept over a reload, and sent when there is a session.

const KEY_PREFIX = 'broker.unsent.';
const LIMIT = 100;

/**
 * @typedef {object} Entry
 * @property {string} id
 * @property {string} text
 * @property {number} typedAt
 * @property {string|null} conversationID what it was typed in; null where there was none yet
 * @typedef {Pick<Storage, 'length'|'key'|'getItem'|'setItem'|'removeItem'>} Store
 */

/** Texts by the id of their item. Each has a key of its own, so that two tabs never overwrite each other. */
export class Unsent {
  /** @type {Map<string, Entry>} */
  #entries = new Map();
  /**
   * The ids of those that are in the storage.
   *
   * @type {Set<string>}
   */
  #saved = new Set();
  #storage;

  /** @param {Store} storage */
  constructor(storage) {
    this.#storage = storage;
    for (const entry of savedEntries(storage)) {
      this.#entries.set(entry.id, entry);
      this.#saved.add(entry.id);
    }
  }

  /** Oldest first. */
  get entries() {
    return [...this.#entries.values()];
  }

  /** Whether the user should wait: this is more than anybody types without an answer. */
  get isFull() {
    return this.#entries.size >= LIMIT;
  }

  get ids() {
    return new Set(this.#entries.keys());
  }

  /**
   * @param {string} id
   * @param {string} text
   * @param {string|null} conversationID
   */
  add(id, text, conversationID) {
    this.#keep({ id, text, typedAt: Date.now(), conversationID });
  }

  /**
   * It went out, and belongs to this conversation from now on.
   *
   * @param {Entry} entry
   * @param {string} conversationID
   */
  bind(entry, conversationID) {
    if (entry.conversationID !== conversationID) this.#keep({ ...entry, conversationID });
  }

  /** @param {Entry} entry */
  #keep(entry) {
    this.#entries.set(entry.id, entry);
    try {
      this.#storage.setItem(KEY_PREFIX + entry.id, JSON.stringify(entry));
      this.#saved.add(entry.id);
    } catch {
      // Full or forbidden: it is sent all the same, but would not outlive the page.
    }
  }

  /**
   * Upstream has it, or will never take it.
   *
   * @param {string} id
   */
  remove(id) {
    if (!this.#entries.delete(id)) return;
    this.#storage.removeItem(KEY_PREFIX + id);
  }

  /** Forgets what another tab has sent meanwhile. */
  refresh() {
    const saved = new Set(savedEntries(this.#storage).map(({ id }) => id));
    const gone = [...this.#saved].filter((id) => !saved.has(id));
    for (const id of gone) this.#entries.delete(id);
    this.#saved = saved;
  }
}

/**
 * @param {Store} storage
 * @returns {Entry[]}
 */
function savedEntries(storage) {
  return Array.from({ length: storage.length }, (_, index) => storage.key(index) ?? '')
    .filter((name) => name.startsWith(KEY_PREFIX))
    .map((name) => parsedEntry(storage.getItem(name) ?? ''))
    .flatMap((entry) => (entry ? [entry] : []))
    .sort((one, other) => one.typedAt - other.typedAt);
}

/**
 * Null for what this page did not write.
 *
 * @param {string} text
 * @returns {Entry|null}
 */
function parsedEntry(text) {
  try {
    const { id, text: typed, typedAt, conversationID = null } = JSON.parse(text);
    const isEntry = typeof id === 'string' && typeof typed === 'string';
    return isEntry ? { id, text: typed, typedAt: Number(typedAt), conversationID } : null;
  } catch {
    return null;
  }
}
