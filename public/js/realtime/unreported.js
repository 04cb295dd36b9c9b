// What was said in calls and is not known to be stored: kept over a reload.

import { prefixes, save, savedEntries } from './saved.js';

/** So many are kept, the newest; what is left out may be stored all the same. */
const LIMIT = 1_000;

/**
 * @typedef {{item_id: string, session_id: string, [field: string]: unknown}} Message as the broker
 * takes it
 * @typedef {{conversationID: string, message: Message, keptAt: number}} Entry
 */

/** Messages by the id of their item. */
export class Unreported {
  /** @type {Map<string, Entry>} */
  #entries = new Map();
  #storage;

  /** @param {import('./saved.js').Store} storage */
  constructor(storage) {
    this.#storage = storage;
    const saved = savedEntries(storage, prefixes.unreported).filter(isEntry)
      .sort((one, other) => one.keptAt - other.keptAt);
    for (const entry of saved) this.#entries.set(entry.message.item_id, entry);
  }

  get conversationIDs() {
    return [...new Set([...this.#entries.values()].map(({ conversationID }) => conversationID))];
  }

  /**
   * In the order in which they were kept at first.
   *
   * @param {string} conversationID
   */
  of(conversationID) {
    return [...this.#entries.values()]
      .filter((entry) => entry.conversationID === conversationID)
      .map(({ message }) => message);
  }

  /**
   * As it is now; the session in which it was said stays.
   *
   * @param {string} conversationID
   * @param {Message} message
   */
  keep(conversationID, message) {
    const id = message.item_id;
    const known = this.#entries.get(id);
    const { session_id } = known?.message ?? message;
    const keptAt = known?.keptAt ?? Date.now();
    const entry = { conversationID, message: { ...message, session_id }, keptAt };
    if (JSON.stringify(entry) === JSON.stringify(known)) return;
    if (!known && this.#entries.size === LIMIT) this.remove([...this.#entries.keys()][0]);
    this.#entries.set(id, entry);
    save(this.#storage, prefixes.unreported + id, entry);
  }

  /** @param {string} id */
  remove(id) {
    this.#entries.delete(id);
    this.#storage.removeItem(prefixes.unreported + id);
  }
}

/** @param {any} entry */
const isEntry = ({ conversationID, message }) =>
  typeof conversationID === 'string' && typeof message?.item_id === 'string';
