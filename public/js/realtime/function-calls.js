// Answers the model's calls of the tools that a page brings. The broker answers those that it knows:
// in a call, the page sees these, too, while the relay hides them.

import { functionOutput } from './events.js';

const UNKNOWN = 'This page has no such function.';

/**
 * The outputs of a finished response's calls, in their order; what fails is told to the model, which
 * would wait for ever else.
 *
 * @param {any} response
 * @param {Record<string, (args: any) => unknown>} functions
 * @param {boolean} areAllOurs whether nobody else answers
 * @returns {Promise<import('./types.js').RealtimeEvent[]>}
 */
export function outputsOf(response, functions, areAllOurs) {
  const isKnown = (/** @type {string} */ name) => Object.hasOwn(functions, name);
  const calls = (response.output ?? []).filter(
    (/** @type {any} */ { type, name, status }) =>
      type === 'function_call' && status === 'completed' && (areAllOurs || isKnown(name)),
  );
  return Promise.all(calls.map(async (/** @type {any} */ call) => {
    const output = isKnown(call.name) ? await answer(functions[call.name], call.arguments) : UNKNOWN;
    return functionOutput(call.call_id, output);
  }));
}

/**
 * @param {(args: any) => unknown} work
 * @param {string} text
 */
async function answer(work, text) {
  try {
    const output = await work(JSON.parse(text));
    return typeof output === 'string' ? output : JSON.stringify(output ?? null);
  } catch (error) {
    return `It failed: ${error instanceof Error ? error.message : error}`;
  }
}
