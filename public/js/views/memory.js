import { byID, counted, make, timeText } from './dom.js';

/** What the session was told of earlier ones: the numbers of its context, which never change. */
export function renderMemory(session) {
  const memory = byID('memory');
  const id = session?.id ?? 'none';
  if (memory.dataset.session === id) return;
  memory.dataset.session = id;
  memory.replaceChildren(...(session ? contextNodes(session.context) : [hint()]));
}

/** The latest sessions, and how much each of them was told. */
export function renderSessions(sessions) {
  const rows = sessions.map(({ created_at: time, status, context }) =>
    make(
      'li',
      { data: { status } },
      make('span', { textContent: timeText(time) }),
      make('span', { className: 'muted', textContent: status }),
      make('span', { textContent: counted(context.tokens, 'token') }),
    ),
  );
  const none = make('li', { className: 'muted', textContent: 'None yet.' });
  byID('sessions').replaceChildren(...(rows.length > 0 ? rows : [none]));
}

const hint = () =>
  make('p', {
    className: 'muted',
    textContent: 'Each new session is told what earlier ones left. The numbers show here.',
  });

function contextNodes({ tokens, max_tokens: most, messages, summaries, truncated }) {
  const sources = [
    messages > 0 && counted(messages, 'message'),
    summaries > 0 && counted(summaries, 'summary', 'summaries'),
  ].filter(Boolean);
  const text = sources.length === 0 ? 'Nothing was said before.' : `From ${sources.join(' and ')}.`;
  const bar = make('progress', { max: Math.max(most, 1), value: tokens });
  bar.setAttribute('aria-label', 'Share of the context budget');
  return [
    make(
      'p',
      { className: 'figure' },
      make('strong', { textContent: tokens.toLocaleString() }),
      make('span', { className: 'muted', textContent: ` of ${most.toLocaleString()} tokens` }),
    ),
    bar,
    make('p', { className: 'muted', textContent: truncated ? `${text} More did not fit.` : text }),
  ];
}
