// Answers the model's calls of the tools that a page brings. The broker answers those that it knows.

import { functionOutput } from './events.js';

/**
 * The outputs of a finished response's calls, in their order; what fails is told to the model, which
 * would wait for ever else.
 *
 * @param {any} response
 * @param {Record<string, (args: any) => unknown>} functions
 * @returns {Promise<import('./types.js').RealtimeEvent[]>}
 */
export function outputsOf(response, functions) {
  const calls = (response.output ?? []).filter((/** @type {any} */ item) => isOurs(item, functions));
  return Promise.all(calls.map(async (/** @type {any} */ call) => {
    const output = await answer(functions[call.name], call.arguments);
    return functionOutput(call.call_id, output);
  }));
}

/**
 * @param {any} item
 * @param {object} functions
 */
const isOurs = ({ type, name, status }, functions) =>
  type === 'function_call' && status === 'completed' && Object.hasOwn(functions, name);

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
