// The client events that a session sends, and the names that they carry.

const ID_CHARACTERS = 'ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789';
const ID_LENGTH = 21;
/** By which an error is known to be about a truncation. */
export const TRUNCATION_PREFIX = 'event_cut_';

/** @typedef {import('./types.js').RealtimeEvent} RealtimeEvent */

/**
 * A new id in upstream's form, for example `item_` and 21 random letters and digits.
 *
 * @param {string} prefix
 */
export function makeID(prefix) {
  const bytes = crypto.getRandomValues(new Uint8Array(ID_LENGTH));
  return prefix + Array.from(bytes, (byte) => ID_CHARACTERS[byte % ID_CHARACTERS.length]).join('');
}

/**
 * The event with an id of its own, by which an error can name it.
 *
 * @param {RealtimeEvent} event
 * @returns {RealtimeEvent}
 */
export const withEventID = (event) => ({ event_id: makeID('event_'), ...event });

/**
 * Adds what the user typed. The item's id is ours, so that it shows before upstream has it.
 *
 * @param {string} text
 * @param {string} [id]
 */
export function userMessage(text, id = makeID('item_')) {
  const content = [{ type: 'input_text', text }];
  const item = { id, type: 'message', role: 'user', content };
  return withEventID({ type: 'conversation.item.create', item });
}

/**
 * Answers the model's call of a function.
 *
 * @param {string} callID
 * @param {string} output
 */
export function functionOutput(callID, output) {
  const item = { id: makeID('item_'), type: 'function_call_output', call_id: callID, output };
  return withEventID({ type: 'conversation.item.create', item });
}

export const responseRequest = () => withEventID({ type: 'response.create' });

export const responseCancellation = () => withEventID({ type: 'response.cancel' });

/**
 * A piece of the user's speech; there are many, so they carry no id.
 *
 * @param {string} audio
 */
export const audioPiece = (audio) => ({ type: 'input_audio_buffer.append', audio });

export const committedInput = () => withEventID({ type: 'input_audio_buffer.commit' });

export const clearedInput = () => withEventID({ type: 'input_audio_buffer.clear' });

export const clearedOutput = () => withEventID({ type: 'output_audio_buffer.clear' });

/**
 * Tells upstream how far an answer was heard.
 *
 * @param {import('./types.js').Heard} heard
 */
export const truncation = ({ itemID, contentIndex, audioEndMs }) => ({
  event_id: makeID(TRUNCATION_PREFIX),
  type: 'conversation.item.truncate',
  item_id: itemID,
  content_index: contentIndex,
  audio_end_ms: audioEndMs,
});

/**
 * Who ends the user's turns.
 *
 * @param {'server_vad'|'semantic_vad'|'push_to_talk'} mode
 */
export const turnDetection = (mode) => (mode === 'push_to_talk' ? null : { type: mode });

/** Upstream says what the session is. */
export const emptyUpdate = () => withEventID({ type: 'session.update', session: { type: 'realtime' } });

/** @param {'server_vad'|'semantic_vad'|'push_to_talk'} mode */
export const turnDetectionUpdate = (mode) =>
  withEventID({
    type: 'session.update',
    session: { type: 'realtime', audio: { input: { turn_detection: turnDetection(mode) } } },
  });
