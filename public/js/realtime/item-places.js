// Where an item stands in a conversation. Nothing is changed in place.

/**
 * @typedef {import('./conversation.js').Conversation} Conversation
 * @typedef {import('./items.js').Item} Item
 */

/**
 * @param {Conversation} state
 * @param {Item} item
 * @returns {Conversation}
 */
export const keep = (state, item) => ({ ...state, items: { ...state.items, [item.id]: item } });

/**
 * Keeps an item, behind its predecessor if that is known; a new one goes to the end.
 *
 * @param {Conversation} state
 * @param {Item} item
 */
export function place(state, item) {
  if (isInPlace(state, item)) return keep(state, item);
  const others = state.order.filter((id) => id !== item.id);
  const isMoved = item.previousItemID !== undefined || others.length === state.order.length;
  if (!isMoved) return keep(state, item);
  const index = placeAmong(others, state, item.previousItemID);
  const order = [...others.slice(0, index), item.id, ...others.slice(index)];
  return keep({ ...state, order }, item);
}

/**
 * Whether it is the last one, and goes where it is: so it is with what is just being said, however
 * much was said before.
 *
 * @param {Conversation} state
 * @param {Item} item
 */
function isInPlace({ order, base }, { id, previousItemID: previous }) {
  if (order.at(-1) !== id) return false;
  return previous === undefined || (previous ?? base ?? undefined) === order.at(-2);
}

/**
 * @param {string[]} others
 * @param {Conversation} state
 * @param {string|null} [previous]
 */
function placeAmong(others, state, previous) {
  if (previous === undefined || (previous !== null && !others.includes(previous))) {
    return others.length;
  }
  const behind = others.indexOf(previous ?? state.base ?? '') + 1;
  // Upstream never heard of a refused item; what was said after it still stands after it.
  const offset = others.slice(behind).findIndex((id) => !state.items[id].isRefused);
  return offset < 0 ? others.length : behind + offset;
}

/**
 * @param {Conversation} state
 * @param {string} id
 * @param {(item: Item) => Partial<Item>} fields
 */
export function change(state, id, fields) {
  const item = state.items[id];
  // Events of unknown items belong to a response outside of the conversation.
  return item ? { state: keep(state, { ...item, ...fields(item) }) } : {};
}
