// What happened to a session, in words for people.

/** @typedef {import('./types.js').Problem} Problem */

/**
 * Ends that somebody wanted, by the broker's `end_reason`.
 *
 * @type {Record<string, string>}
 */
export const endings = {
  client_request: 'The session was ended.',
  idle_timeout: 'The session ended, since nobody spoke for a long time.',
  max_duration: 'The session ended: it may not be longer.',
};

/** @type {Problem} */
export const takenOver = {
  code: 'taken_over',
  message: 'This session goes on in another window.',
};

/** @type {Record<string, string>} */
export const losses = {
  input_audio: 'Please say your last words again: they were lost on the way.',
  response: 'The answer was cut short. Ask again, if it matters.',
};

/**
 * Whether upstream refuses a response since it is making one.
 *
 * @param {string|null} code
 */
export const isBusy = (code) => code === 'conversation_already_has_active_response';

/**
 * What a change of upstream's session has cost.
 *
 * @param {string[]} lost
 */
export const lossText = (lost) =>
  ['The conversation goes on in a new session.', ...lost.map((what) => losses[what] ?? '')]
    .join(' ').trim();

/**
 * @param {unknown} error
 * @returns {Problem}
 */
export function explain(error) {
  const { code, message } = /** @type {{code?: string|null, message?: string}} */ (error ?? {});
  return { code: code ?? 'failed', message: sentence(message || 'Something went wrong') };
}

/**
 * Whether the same may succeed later.
 *
 * @param {any} error
 */
export const isTemporary = (error) => error?.isTemporary ?? error?.name === 'ConnectionError';

/** @param {string} text */
const sentence = (text) => (/[.!?]$/.test(text) ? text : `${text}.`);
