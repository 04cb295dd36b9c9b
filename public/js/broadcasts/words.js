// What happens in a broadcast, in plain words.

/** Why something is missing; the start of a sentence comes before it. */
const causes = {
  upstream_lost: 'the speech service was lost',
  rate_limited: 'the speech service was too busy',
  upstream_refused: 'the speech service did not take it',
  upstream_slow: 'the speech service could not keep up',
  not_understood: 'it was not understood',
  no_listeners: 'nobody listened in this language',
  broker_restarted: 'the server was restarted',
};

const causeOf = (reason) => causes[reason] ?? 'something went wrong';

/** What stands where something is missing. */
export function gapText({ reason, start_ms: start, end_ms: end }) {
  const seconds = Math.round((end - start) / 1_000);
  const what = seconds > 0 ? `About ${seconds} s are missing` : 'Something is missing';
  return `${reason === 'no_listeners' ? 'Not translated' : what}: ${causeOf(reason)}.`;
}

/** What stands behind a text that is not whole. */
export const cutText = (reason) => `Cut short: ${causeOf(reason)}.`;

const awayTexts = {
  closed: 'The speaker has paused.',
  lost: 'The speaker’s connection was lost.',
};

const phases = {
  connecting: { kind: 'busy', name: 'Connecting', text: 'One moment …' },
  reconnecting: {
    kind: 'trouble',
    name: 'Reconnecting',
    text: 'The connection was lost. What is said meanwhile comes when it is back.',
  },
  refused: { kind: 'trouble', name: 'Not available', text: '' },
  ended: { kind: 'off', name: 'Ended', text: 'The broadcast has ended.' },
};

/** `{kind, name, text}` of what one who listens should know; `text` is empty when all is well. */
export function describe(listener) {
  const { phase, isBegun, isSpeaking, stopReason, languageState } = listener;
  if (phase !== 'open') return phases[phase];
  if (!isBegun) {
    const text = 'The captions appear here as soon as somebody speaks.';
    return { kind: 'off', name: 'Not begun yet', text };
  }
  if (!isSpeaking) {
    const text = `${awayTexts[stopReason] ?? 'Nobody speaks now.'} It goes on here.`;
    return { kind: 'off', name: 'Speaker away', text };
  }
  return described(languageState);
}

function described({ state, reason }) {
  if (state === 'interrupted') {
    const text = `No captions for the moment: ${causeOf(reason)}. They go on as soon as possible.`;
    return { kind: 'trouble', name: 'Interrupted', text };
  }
  const isBeginning = state === 'connecting' || state === 'off';
  if (isBeginning) return { kind: 'live', name: 'Live', text: 'This language is being prepared …' };
  return { kind: 'live', name: state === 'slow' ? 'Live, a little late' : 'Live', text: '' };
}
