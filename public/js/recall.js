import * as api from './api.js';

const UNAVAILABLE = 'The earlier conversations cannot be searched now.';

/**
 * What the model's calls of `recall` in a finished response get as their outputs. The broker offers
 * that tool in each session; in one that goes past it, the page fetches the answer.
 *
 * @returns {Promise<{callID: string, output: string}[]>} one for each call; none for other tools.
 */
export function recalled(response) {
  const calls = (response.output ?? []).filter(isRecall);
  return Promise.all(calls.map(async (call) => ({
    callID: call.call_id,
    output: await answer(call.arguments),
  })));
}

const isRecall = ({ type, name, status }) =>
  type === 'function_call' && name === 'recall' && status === 'completed';

/** The model always gets an output: without one it would wait for ever. */
async function answer(callArguments) {
  try {
    return (await api.recall(JSON.parse(callArguments))).text;
  } catch (error) {
    // What the model got wrong, it is told, so that it can do better.
    return error.status === 400 || error instanceof SyntaxError ? error.message : UNAVAILABLE;
  }
}
