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

/** What stands in a gap. */
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
  connecting: ['busy', 'Connecting', 'One moment …'],
  reconnecting: [
    'trouble',
    'Reconnecting',
    'The connection was lost. What is said meanwhile comes when it is back.',
  ],
  ended: ['off', 'Ended', 'The broadcast has ended.'],
};

/** `[kind, name, text]` of what one who listens should know; no text when all is well. */
export function describe({ phase, isBegun, isSpeaking, stopReason, languageState }) {
  const { state, reason } = languageState;
  if (phase !== 'open') return phases[phase];
  if (!isBegun) {
    return ['off', 'Not begun yet', 'The captions appear here as soon as somebody speaks.'];
  }
  if (!isSpeaking) {
    const text = awayTexts[stopReason] ?? 'Nobody speaks now.';
    return ['off', 'Speaker away', `${text} It goes on here.`];
  }
  if (state === 'interrupted') {
    const text = `No captions now: ${causeOf(reason)}. They go on as soon as possible.`;
    return ['trouble', 'Interrupted', text];
  }
  if (state === 'slow') return ['live', 'Live, a little late', ''];
  return ['live', 'Live', state === 'live' ? '' : 'This language is being prepared …'];
}
