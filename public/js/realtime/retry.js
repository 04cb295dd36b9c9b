import { isTemporary } from './plain-words.js';

/**
 * Tries something, each time behind a pause, until it succeeds.
 *
 * @template Value
 * @param {{isOver: boolean, pause: (signal: AbortSignal) => Promise<void>}} pauses
 * @param {AbortSignal} signal gives it up
 * @param {() => Promise<Value>} attempt
 * @returns {Promise<Value>} rejects with what will not pass, or with the last failure
 */
export async function retry(pauses, signal, attempt) {
  let failure;
  while (!pauses.isOver) {
    await pauses.pause(signal);
    try {
      return await attempt();
    } catch (error) {
      if (signal.aborted || !isTemporary(error)) throw error;
      failure = error;
    }
  }
  throw failure;
}
