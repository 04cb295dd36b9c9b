// What was typed and is not upstream's yet: kept over a reload, and sent when there is a session.

import { prefixes, save, savedEntries } from './saved.js';

const LIMIT = 100;

/**
 * @typedef {object} Entry
 * @property {string} id
 * @property {string} text
 * @property {number} typedAt
 * @property {string|null} conversationID what it was typed in; null where there was none yet
 * @typedef {import('./saved.js').Store} Store
 */

/** Texts by the id of their item. */
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
    for (const entry of entriesIn(storage)) {
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
    // One that cannot be saved is sent all the same, but would not outlive the page.
    if (save(this.#storage, prefixes.unsent + entry.id, entry)) this.#saved.add(entry.id);
  }

  /**
   * Upstream has it, or will never take it.
   *
   * @param {string} id
   */
  remove(id) {
    if (!this.#entries.delete(id)) return;
    this.#storage.removeItem(prefixes.unsent + id);
  }

  /** Forgets what another tab has sent meanwhile. */
  refresh() {
    const saved = new Set(entriesIn(this.#storage).map(({ id }) => id));
    const gone = [...this.#saved].filter((id) => !saved.has(id));
    for (const id of gone) this.#entries.delete(id);
    this.#saved = saved;
  }
}

/**
 * Oldest first, without what this page did not write.
 *
 * @param {Store} storage
 * @returns {Entry[]}
 */
function entriesIn(storage) {
  return savedEntries(storage, prefixes.unsent).filter(isEntry)
    .map(({ id, text, typedAt, conversationID = null }) =>
      ({ id, text, typedAt: Number(typedAt), conversationID }))
    .sort((one, other) => one.typedAt - other.typedAt);
}

/** @param {any} entry */
const isEntry = ({ id, text }) => typeof id === 'string' && typeof text === 'string';
