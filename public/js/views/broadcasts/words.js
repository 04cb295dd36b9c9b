import { languageName } from '../../broadcasts/english-names.js';

export const titleOf = ({ title }) => title || 'Untitled broadcast';

/** `{kind, name}` of a broadcast's status, for its mark. */
export const statuses = {
  created: { kind: 'off', name: 'Not begun' },
  live: { kind: 'live', name: 'Begun' },
  ended: { kind: 'off', name: 'Ended' },
};

/** What a broadcast is, in a line. */
export function factsOf({ source_language: source, languages, audio, access }) {
  const spoken = languageName(source);
  const targets = languages.map(languageName).join(', ');
  return [
    targets ? `${spoken} → ${targets}` : spoken,
    audio && 'with voice',
    access === 'token' ? 'only with the link' : 'public',
  ].filter(Boolean).join(' · ');
}

const states = {
  connecting: 'Getting ready',
  live: 'Live',
  slow: 'Late',
  interrupted: 'Interrupted',
};

const reasons = {
  upstream_lost: 'the connection to the speech service was lost',
  rate_limited: 'the speech service is too busy',
  upstream_refused: 'the speech service does not take it',
  upstream_slow: 'the speech service cannot keep up',
};

/** What becomes of a language while one speaks. */
export function languageText({ state, reason, lag_ms: lagMs }, isSource) {
  if (state === 'off') return isSource ? 'Not running' : 'Begins with its first listener';
  const seconds = Math.round(lagMs / 1_000);
  const behind = seconds > 0 && state !== 'interrupted' ? `, ${seconds} s behind` : '';
  const why = reason ? `: ${reasons[reason] ?? reason}` : '';
  return `${states[state] ?? state}${why}${behind}`;
}
