// Entries in the storage that outlives the page: each has a name of its own, so that two tabs never
// overwrite each other.

/** @typedef {Pick<Storage, 'length'|'key'|'getItem'|'setItem'|'removeItem'>} Store */

/** How the names of each kind begin. */
export const prefixes = { unsent: 'broker.unsent.', unreported: 'broker.unreported.' };

/**
 * All entries of a kind, without what is no JSON, in no order.
 *
 * @param {Store} storage
 * @param {string} prefix
 * @returns {any[]}
 */
export const savedEntries = (storage, prefix) =>
  Array.from({ length: storage.length }, (_, index) => storage.key(index) ?? '')
    .filter((name) => name.startsWith(prefix))
    .map((name) => parsed(storage.getItem(name) ?? '')).filter(Boolean);

/** @param {string} text */
function parsed(text) {
  try {
    return JSON.parse(text);
  } catch {
    return null;
  }
}

/**
 * @param {Store} storage
 * @param {string} name
 * @param {unknown} entry
 * @returns {boolean} false where the storage is full or forbidden
 */
export function save(storage, name, entry) {
  try {
    storage.setItem(name, JSON.stringify(entry));
    return true;
  } catch {
    return false;
  }
}
