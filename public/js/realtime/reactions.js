import { lossText } from './plain-words.js';

/**
 * @typedef {import('./types.js').RealtimeEvent} RealtimeEvent
 * @typedef {object} Actors who acts on events
 * @property {import('./turn-taking.js').TurnTaking} turns
 * @property {import('./typing.js').Typing} typing
 * @property {() => import('./conversation.js').Conversation} conversation
 * @property {() => Record<string, (args: any) => unknown>} functions
 * @property {() => boolean} hasOwnCallsOnly whether the broker's calls are not shown to this page
 * @property {(event: RealtimeEvent) => boolean} send
 * @property {(text: string) => void} note
 * @property {() => void} missed events did not come again
 * @property {() => void} report
 */

/**
 * What a session does on events, besides taking them into its conversation.
 *
 * @param {Actors} actors
 * @returns {Record<string, (event: RealtimeEvent) => void>}
 */
export function makeReactions(actors) {
  const { turns, typing, note } = actors;
  return {
    'input_audio_buffer.speech_started': () => void turns.bargedIn(),
    'input_audio_buffer.committed': () => turns.committed(),
    'conversation.item.truncated': (event) => turns.truncated(event),
    'conversation.item.added': ({ item }) => typing.settled(item.id),
    'response.created': () => turns.begun(),
    'response.done': ({ response }) => void responded(response, actors),
    error: (event) => {
      turns.refused(event);
      forgetRefused(actors);
    },
    // The broker has its sideband, perhaps once more: there may be something that it has missed.
    'session.updated': () => actors.report(),
    'broker.session': ({ resumed, events_missing: isMissing }) => {
      if (!resumed || !isMissing) return;
      // What was asked for may be among it.
      turns.begun();
      actors.missed();
    },
    'broker.session_renewed': ({ lost }) => note(lossText(lost)),
    'broker.session_expiring': ({ expires_in_seconds: seconds }) =>
      note(`The session ends in ${seconds} seconds.`),
    'broker.error': ({ error }) => note(error.message),
  };
}

/**
 * @param {any} response
 * @param {Actors} actors
 */
async function responded(response, { turns, functions, hasOwnCallsOnly, send }) {
  turns.goOn();
  if (!response.output?.some(isCall)) return;
  const { outputsOf } = await import('./function-calls.js');
  const outputs = await outputsOf(response, functions(), hasOwnCallsOnly());
  for (const output of outputs) send(output);
  if (outputs.length > 0) turns.askForResponse();
}

const isCall = (/** @type {{type: string}} */ { type }) => type === 'function_call';

/**
 * What upstream will never take is not sent again.
 *
 * @param {Actors} actors
 */
function forgetRefused({ conversation, typing }) {
  const refused = Object.values(conversation().items).filter(({ isRefused }) => isRefused);
  for (const { id } of refused) typing.settled(id);
}
