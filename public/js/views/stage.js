import { byID, copyButton, countdownText, make, setText } from './dom.js';

const TICK_MS = 1_000;
const ROOMY = '(min-width: 46rem)';

const names = {
  idle: 'Idle',
  connecting: 'Connecting',
  ready: 'Ready',
  thinking: 'Thinking',
  answering: 'Answering',
  error: 'Stopped',
};

/** The session: what it is doing, how to start and end it, and its facts. */
export class StageView {
  #live;
  #ticker = null;
  #shown = null;

  /** `onStart(options)` gets the fields of a new session; `onEnd()` ends the running one. */
  constructor(live, { onStart, onEnd }) {
    this.#live = live;
    const form = byID('start');
    form.addEventListener('submit', (event) => {
      event.preventDefault();
      onStart(this.options);
    });
    byID('continue').addEventListener('click', () => {
      onStart({ ...this.options, conversation_id: live.session.conversation_id });
    });
    byID('end').addEventListener('click', onEnd);
    byID('details').open = matchMedia(ROOMY).matches;
  }

  /** What the form says, without what was left empty. */
  get options() {
    const fields = [...new FormData(byID('start'))].map(([name, value]) => [name, value.trim()]);
    return Object.fromEntries(fields.filter(([, value]) => value !== ''));
  }

  render() {
    const { state, isRunning, session, phase } = this.#live;
    byID('orb').dataset.state = state;
    setText(byID('state'), names[state]);
    setText(byID('state-text'), this.#text());
    byID('start').hidden = isRunning;
    byID('running').hidden = !isRunning;
    byID('continue').hidden = isRunning || !session;
    if (this.#shown !== session) this.#renderFacts(session);
    this.#tick(isRunning && phase === 'live');
  }

  #text() {
    const { phase, session, problem } = this.#live;
    const texts = {
      idle: 'Nothing is connected.',
      connecting: session ? 'Opening the session …' : 'Minting a client secret …',
      live: session?.model,
      ended: 'The session is over; its messages are kept.',
      failed: problem,
    };
    return texts[phase];
  }

  #renderFacts(session) {
    this.#shown = session;
    const facts = session
      ? [
          ['Session ends in', make('span', { id: 'session-left', textContent: '–' })],
          ['Client secret expires in', make('span', { id: 'secret-left', textContent: '–' })],
          ['Voice', session.voice ?? 'none'],
          ['Session', copyButton(session.id, 'session id')],
          ['Conversation', copyButton(session.conversation_id, 'conversation id')],
        ]
      : [];
    const rows = facts.map(([name, value]) =>
      make('div', {}, make('dt', { textContent: name }), make('dd', {}, value)),
    );
    byID('facts').replaceChildren(...rows);
  }

  #tick(isTicking) {
    if (isTicking === (this.#ticker !== null)) return;
    clearInterval(this.#ticker);
    this.#ticker = isTicking ? setInterval(() => this.#renderTimes(), TICK_MS) : null;
    if (isTicking) this.#renderTimes();
  }

  #renderTimes() {
    const { session, conversation } = this.#live;
    const limit = session.created_at + session.max_duration_seconds;
    setText(byID('session-left'), countdownText(conversation.upstream?.expires_at || limit));
    setText(byID('secret-left'), countdownText(session.secretExpiresAt));
  }
}
