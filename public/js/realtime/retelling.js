// What was said between the minting of a session and its taking over, for that session.

import { withEventID } from './events.js';
import { hasEnded } from './items.js';

/** So much is told of the newest, as the broker does for the sessions that it renews. */
const MOST_ITEMS = 24;
const MOST_CHARACTERS = 16 * 1024;

/**
 * @typedef {import('./items.js').Item} Item
 * @typedef {import('./conversation.js').Conversation} Conversation
 */

/**
 * Adds to a session what of a conversation had not ended at an earlier moment, and has now: the newest
 * that fits, in order. Items keep their ids: the broker, which hears of them, knows them by those.
 *
 * @param {Conversation} now
 * @param {Conversation} before
 * @returns {import('./types.js').RealtimeEvent[]}
 */
export const retellings = (now, before) => missed(now, before).map((item) =>
  withEventID({ type: 'conversation.item.create', item: { id: item.id, ...fields(item) } }));

/**
 * @param {Conversation} now
 * @param {Conversation} before
 */
function missed(now, before) {
  const isNew = (/** @type {string} */ id) => !before.items[id] || !hasEnded(before.items[id]);
  const ended = now.order.filter(isNew).map((id) => now.items[id])
    .filter((item) => hasEnded(item) && isRetellable(item));
  const told = newest(ended);
  // Upstream refuses an answer to a call that it does not know.
  const calls = new Set(told.filter(isCall).map(({ callID }) => callID));
  return told.filter(({ type, callID }) => type !== 'function_call_output' || calls.has(callID));
}

const isCall = (/** @type {Item} */ { type }) => type === 'function_call';

/**
 * Of a call that was cut, the arguments are not all there; whoever may talk may not instruct.
 *
 * @param {Item} item
 */
const isRetellable = ({ type, role, status }) =>
  role !== 'system' && (type !== 'function_call' || status === 'completed');

/** @param {Item[]} items */
function newest(items) {
  let left = MOST_CHARACTERS;
  const fits = (/** @type {Item} */ { text }) => (left -= text.length) >= 0;
  const last = items.slice(-MOST_ITEMS).reverse();
  const beyond = last.findIndex((item) => !fits(item));
  return (beyond < 0 ? last : last.slice(0, beyond)).reverse();
}

/** @param {Item} item */
function fields({ type, role, text, name, callID }) {
  if (type === 'function_call') return { type, name, call_id: callID, arguments: text };
  if (type === 'function_call_output') return { type, call_id: callID, output: text };
  // All of an answer that was cut: what the broker hears of it here replaces what is stored.
  const part = role === 'assistant' ? 'output_text' : 'input_text';
  return { type, role, content: [{ type: part, text }] };
}
