// One live conversation as a pure table: event type -> update. Client events that change it are in
// the table too. Items are known by their id alone: events of several items may be interleaved.

import { base64DurationMs } from '../audio/pcm.js';
import { TRUNCATION_PREFIX } from './events.js';
import { change, keep, place } from './item-places.js';
import { heardItem, isEmptyTurn, isTold, makeItem } from './items.js';
import { isBusy } from './plain-words.js';

/**
 * @typedef {import('./items.js').Item} Item
 * @typedef {import('./types.js').RealtimeEvent} RealtimeEvent
 * @typedef {object} Conversation
 * @property {any} upstream upstream's session; null before there is one
 * @property {string[]} order of the items' ids
 * @property {Record<string, Item>} items
 * @property {string|null} activeResponse
 * @property {boolean} isAwaited whether the user's turn is over and no response has begun
 * @property {boolean} isAnswering whether the response is being told
 * @property {boolean} isUserSpeaking
 * @property {string|null} silence the item that upstream adds because nobody spoke
 * @property {string|null} base the last item of the sessions before this one
 * @typedef {{state: Conversation, notice: string|null}} Update
 */

/**
 * The conversation of a session that has just been opened.
 *
 * @type {Conversation}
 */
export const emptyConversation = Object.freeze({
  upstream: null,
  order: [],
  items: {},
  activeResponse: null,
  isAwaited: false,
  isAnswering: false,
  isUserSpeaking: false,
  silence: null,
  base: null,
});

/**
 * Takes in one event, sent or received, and changes nothing in place.
 *
 * @param {Conversation} state
 * @param {RealtimeEvent} event
 * @returns {Update} the conversation after it, and a sentence for the user, if there is one
 */
export function update(state, event) {
  const entry = table[event.type];
  return { state, notice: null, ...entry?.(state, event) };
}

/**
 * What the session is doing.
 *
 * @param {Conversation} state
 */
export function activity({ isUserSpeaking, activeResponse, isAnswering, isAwaited }) {
  if (isUserSpeaking) return 'listening';
  if (activeResponse !== null) return isAnswering ? 'answering' : 'thinking';
  return isAwaited ? 'thinking' : 'listening';
}

/**
 * Closes what was being said when the connection ended: it is kept as far as it came. What upstream
 * never confirmed is not taken, unless `unsent` has it, to be sent again.
 *
 * @param {Conversation} state
 * @param {ReadonlySet<string>} [unsent]
 * @returns {Conversation}
 */
export function interrupt(state, unsent = new Set()) {
  const idle = { activeResponse: null, isAwaited: false, isAnswering: false, isUserSpeaking: false };
  const items = { ...state.items };
  for (const item of Object.values(items)) {
    if (item.status !== 'in_progress' || unsent.has(item.id)) continue;
    const isRefused = item.eventID !== undefined && item.previousItemID === undefined;
    items[item.id] = { ...item, status: 'incomplete', ...(isRefused && { isRefused }) };
  }
  const order = state.order.filter((id) => !isEmptyTurn(items[id]));
  return { ...state, ...idle, items, order };
}

/**
 * What of a conversation is lost with its connection, as `lossText` calls it.
 *
 * @param {Conversation} state
 */
export function lossesOf(state) {
  if (state.isUserSpeaking) return ['input_audio'];
  return activity(state) === 'answering' ? ['response'] : [];
}

/**
 * Upstream's next session begins behind what there is.
 *
 * @param {Conversation} state
 */
export function carryOn(state) {
  const confirmed = state.order.filter((id) => state.items[id].previousItemID !== undefined);
  return { ...state, base: confirmed.at(-1) ?? null };
}

/** What is told of a race that nobody lost. */
const HARMLESS = new Set(['response_cancel_not_active', 'input_audio_buffer_commit_empty']);

/** @type {Record<string, (state: Conversation, event: RealtimeEvent) => Partial<Update>>} */
const table = {
  'session.created': begin,
  'session.updated': begin,

  // Sent by this page.
  'conversation.item.create': (state, { item, event_id: eventID }) => {
    const known = state.items[item.id];
    // What was said in the session before stays as it is.
    if (known?.previousItemID !== undefined) return { state: keep(state, { ...known, isRetold: true }) };
    return { state: place(state, { ...makeItem(item), status: 'in_progress', eventID }) };
  },
  'response.create': (state, event) => ({
    state: { ...state, activeResponse: event.event_id ?? '', isAnswering: false, isAwaited: false },
  }),

  'input_audio_buffer.speech_started': (state, { item_id: id }) => ({
    state: { ...place(state, state.items[id] ?? heardItem(id)), isUserSpeaking: true },
  }),
  'input_audio_buffer.speech_stopped': (state) => ({
    state: { ...state, isUserSpeaking: false, isAwaited: answersTurns(state) },
  }),
  'input_audio_buffer.committed': (state, { item_id: id, previous_item_id: previousItemID }) => {
    const isAwaited = answersTurns(state);
    const next = { ...state, isUserSpeaking: false, isAwaited };
    const isKnown = id in state.items && previousItemID !== undefined;
    return { state: isKnown ? place(next, { ...state.items[id], previousItemID }) : next };
  },
  'input_audio_buffer.cleared': (state) => ({ state: interruptSpeech(state) }),

  // The order is told by `added` alone; `done` may name no predecessor though there is one.
  'conversation.item.added': (state, event) => {
    if (!isStorable(state, event.item)) return {};
    const known = state.items[event.item.id];
    if (known?.isRetold) return {};
    const item = { ...makeItem(event.item), previousItemID: event.previous_item_id ?? null };
    const isUnheard = item.role === 'user' && item.isSpoken && !item.text && !known?.text;
    const status = isUnheard ? 'in_progress' : item.status;
    return { state: place(state, { ...item, status, text: item.text || (known?.text ?? '') }) };
  },
  'conversation.item.done': (state, event) => {
    if (!isStorable(state, event.item)) return {};
    const known = state.items[event.item.id];
    if (known?.isRetold) return {};
    const item = makeItem(event.item);
    const text = item.text || (known?.text ?? '');
    const isUnheard = item.role === 'user' && text === '';
    const { audioMs, audioEndMs } = known ?? item;
    const status = isUnheard ? 'in_progress' : audioEndMs === null ? item.status : 'incomplete';
    return { state: place(state, { ...known, ...item, text, status, audioMs, audioEndMs }) };
  },
  'conversation.item.deleted': (state, event) => {
    const { [event.item_id]: deleted, ...items } = state.items;
    return { state: { ...state, items, order: state.order.filter((id) => id !== event.item_id) } };
  },
  // Sent by this page where it knows what was heard; upstream confirms it late.
  'conversation.item.truncate': cut,
  'conversation.item.truncated': cut,

  // Nobody spoke for a while: a system message and an empty user item of upstream's own follow.
  'input_audio_buffer.timeout_triggered': (state, event) => ({
    state: { ...state, silence: event.item_id },
  }),
  'response.created': (state, { response }) => ({
    state: {
      ...state, activeResponse: response.id, isAwaited: false, isAnswering: false, silence: null,
    },
  }),

  'conversation.item.input_audio_transcription.delta': append,
  'conversation.item.input_audio_transcription.completed': (state, event) =>
    change(state, event.item_id, () => ({ text: event.transcript, status: 'completed' })),
  'conversation.item.input_audio_transcription.failed': (state, event) =>
    change(state, event.item_id, () => ({
      status: 'incomplete',
      failure: event.error?.message ?? 'It could not be transcribed.',
    })),

  'response.output_text.delta': append,
  'response.output_audio_transcript.delta': append,
  'response.function_call_arguments.delta': append,
  'response.output_audio.delta': (state, { item_id: id, delta }) =>
    change(state, id, ({ audioMs }) => ({ audioMs: audioMs + base64DurationMs(delta) })),
  'response.done': (state, event) => {
    const { status, status_details: details } = event.response;
    const notice = status === 'failed' ? (details?.error?.message ?? 'The response failed.') : null;
    return { state: { ...state, activeResponse: null, isAnswering: false }, notice };
  },

  error: (state, { error }) => {
    const cause = error.event_id ?? null;
    const isResponseRefused = cause !== null && state.activeResponse === cause;
    const activeResponse = isResponseRefused ? null : state.activeResponse;
    const next = { ...state, activeResponse, isAwaited: false };
    const refused = cause && Object.values(state.items).find((item) => item.eventID === cause);
    // An answer of the session before a loss is played to its end, but can be cut here only.
    const isOfCut = cause?.startsWith(TRUNCATION_PREFIX);
    const isHarmless = HARMLESS.has(error.code) || isBusy(error.code) || isOfCut;
    const notice = isHarmless ? null : error.message;
    const item = refused && { ...refused, status: /** @type {const} */ ('incomplete') };
    return { state: item ? keep(next, { ...item, isRefused: true }) : next, notice };
  },
};

/**
 * @param {Conversation} state
 * @param {RealtimeEvent} event
 */
function begin(state, { session }) {
  return { state: { ...state, upstream: session } };
}

/**
 * @param {Conversation} state
 * @param {RealtimeEvent} event
 */
function cut(state, { item_id: id, audio_end_ms: audioEndMs }) {
  return change(state, id, () => ({ status: 'incomplete', audioEndMs }));
}

/**
 * Whether upstream answers each turn by itself.
 *
 * @param {Conversation} state
 */
function answersTurns({ upstream }) {
  const detection = upstream?.audio?.input?.turn_detection;
  return Boolean(detection) && detection.create_response !== false;
}

/**
 * What was being heard is thrown away.
 *
 * @param {Conversation} state
 */
function interruptSpeech(state) {
  const order = state.order.filter((id) => !isEmptyTurn(state.items[id]));
  return { ...state, order, isUserSpeaking: false };
}

/**
 * What nobody said is left out.
 *
 * @param {Conversation} state
 * @param {any} item
 */
function isStorable(state, item) {
  const isOfSilence = item.id === state.silence || item.role === 'system';
  return !(state.silence !== null && isOfSilence) && isTold(item);
}

/**
 * @param {Conversation} state
 * @param {RealtimeEvent} event
 */
function append(state, event) {
  const isAnswering = state.isAnswering || event.type.startsWith('response.');
  const next = change({ ...state, isAnswering }, event.item_id, ({ text }) => ({
    text: text + event.delta,
  }));
  return event.item_id in state.items ? next : {};
}
