// Items as the page keeps them.

/** How fast people are spoken to, where nothing else tells how much of a text was heard. */
const CHARACTERS_PER_SECOND = 15;
/** What has no space for longer than this is written without them. */
const LONGEST_WORD = 30;

/**
 * @typedef {object} Item
 * @property {string} id
 * @property {string} type `message`, `function_call` or `function_call_output`
 * @property {'user'|'assistant'|'system'|'tool'} role
 * @property {'in_progress'|'completed'|'incomplete'} status
 * @property {string} text what was said; of a call its arguments, of an output the output
 * @property {boolean} isSpoken whether it is speech
 * @property {number} audioMs how much speech arrived here; 0 where the media goes another way
 * @property {number|null} audioEndMs where it was cut; null if it was not
 * @property {string} [name] of a called function
 * @property {string} [callID] what joins a call and its output
 * @property {string|null} [previousItemID] the item before it; absent until upstream told
 * @property {string} [eventID] the event that made it, if this page did
 * @property {boolean} [isRefused] whether upstream did not take it
 * @property {boolean} [isRetold] whether the session that has taken over was told of it by this page
 * @property {string} [failure] why there is no transcript
 */

/**
 * @param {any} item upstream's
 * @returns {Item}
 */
export function makeItem(item) {
  const { id, type, status } = item;
  return {
    id,
    type,
    status: status ?? 'completed',
    isSpoken: (item.content ?? []).some(isSpeech),
    audioMs: 0,
    audioEndMs: null,
    ...parts(item),
  };
}

/**
 * The user's turn, from when it begins to be heard.
 *
 * @param {string} id
 * @returns {Item}
 */
export const heardItem = (id) => ({
  ...makeItem({ id, type: 'message', role: 'user', status: 'in_progress' }),
  isSpoken: true,
});

/** Whether an item is of the conversation that people have: MCP's lists, for example, are not. */
export const isTold = (/** @type {{type: string}} */ { type }) =>
  ['message', 'function_call', 'function_call_output'].includes(type);

/**
 * Whether upstream has it, and all its words are there that will come.
 *
 * @param {Item} item
 */
export const hasEnded = ({ status, text, previousItemID }) =>
  previousItemID !== undefined && status !== 'in_progress' && text !== '';

/**
 * A turn of which nothing came but that it began.
 *
 * @param {Item} item
 */
export const isEmptyTurn = ({ role, isSpoken, text, previousItemID }) =>
  role === 'user' && isSpoken && text === '' && previousItemID === undefined;

/**
 * A text in two: what was heard of it, and what was not. The cut falls between words, where there are
 * any: many scripts have no spaces.
 *
 * @param {Item} item
 * @returns {{heard: string, unheard: string}}
 */
export function heardText({ text, audioMs, audioEndMs }) {
  if (audioEndMs === null) return { heard: text, unheard: '' };
  const guess = (audioEndMs / 1_000) * CHARACTERS_PER_SECOND;
  const length = audioMs > 0 ? (audioEndMs / audioMs) * text.length : guess;
  if (length >= text.length) return { heard: text, unheard: '' };
  const end = Math.round(length);
  const space = text.lastIndexOf(' ', end);
  const isNear = space >= 0 ? end - space <= LONGEST_WORD : end <= LONGEST_WORD && text.includes(' ');
  if (isNear) return { heard: text.slice(0, Math.max(0, space)), unheard: text.slice(space + 1) };
  const cut = isSecondHalf(text.charCodeAt(end)) ? end - 1 : end;
  return { heard: text.slice(0, cut), unheard: text.slice(cut) };
}

/** Whether it is the rest of a character that takes two units, as an emoji does. */
const isSecondHalf = (/** @type {number} */ unit) => unit >= 0xdc00 && unit <= 0xdfff;

/**
 * @param {any} item
 * @returns {Pick<Item, 'role'|'text'|'name'|'callID'>}
 */
function parts(item) {
  const { call_id: callID, name, role } = item;
  if (item.type === 'function_call') {
    return { role: 'assistant', text: item.arguments ?? '', name, callID };
  }
  if (item.type === 'function_call_output') return { role: 'tool', text: item.output ?? '', callID };
  return { role, text: partsText(item.content) };
}

/** @param {{type: string}} part */
const isSpeech = ({ type }) => type === 'input_audio' || type === 'output_audio';

/** @param {{text?: string, transcript?: string}[]} content */
const partsText = (content = []) =>
  content.map((part) => part.text ?? part.transcript ?? '').filter(Boolean).join('\n');
