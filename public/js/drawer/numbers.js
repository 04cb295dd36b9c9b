import { make, setText } from '../views/dom.js';
import { compactNumber } from '../views/numbers.js';
import { timesChart } from './chart.js';
import { rateLimits, responseTimes } from './timing.js';

const TICK_MS = 1_000;

/** The session's clock, its context, upstream's limits, and how fast answers begin. */
export class Numbers {
  element = make('div', { className: 'numbers' });
  #live;
  #clock = make('dd');
  #context = make('dd');
  #limits = make('dd');
  #chart = make('div');
  #shownTimes = null;
  #ticker = null;

  constructor(live) {
    this.#live = live;
    const row = (name, value) => make('div', {}, make('dt', { textContent: name }), value);
    this.element.append(
      make(
        'dl',
        {},
        row('Session ends in', this.#clock),
        row('Told of before', this.#context),
        row('Limits left', this.#limits),
      ),
      this.#chart,
    );
  }

  render(entries) {
    const { context } = this.#live.session ?? {};
    const told = context
      && `${context.tokens.toLocaleString()} of ${context.max_tokens.toLocaleString()} tokens`;
    setText(this.#context, told ?? '–');
    const limits = rateLimits(entries).map(limitText);
    setText(this.#limits, limits.join(', ') || '–');
    this.#renderTimes(responseTimes(entries));
    this.#ticker ??= setInterval(() => this.#tick(), TICK_MS);
    this.#tick();
  }

  stop() {
    clearInterval(this.#ticker);
    this.#ticker = null;
  }

  /** A chart is drawn anew only when an answer has come. */
  #renderTimes(times) {
    const key = JSON.stringify(times);
    if (key === this.#shownTimes) return;
    this.#shownTimes = key;
    this.#chart.replaceChildren(timesChart(times));
  }

  #tick() {
    const { session, isRunning, endsAtMs } = this.#live;
    // A relay without a limit has none: the broker renews it.
    const seconds = session?.max_duration_seconds;
    const limit = seconds && session.created_at + seconds;
    const end = endsAtMs ? endsAtMs / 1000 : limit;
    setText(this.#clock, isRunning && end ? countdownText(end) : '–');
  }
}

const limitText = ({ name, remaining, limit }) =>
  `${compactNumber(remaining)} of ${compactNumber(limit)} ${name}`;

/** What is left until a Unix time in seconds, as `9:58`. */
function countdownText(seconds) {
  const left = Math.max(0, Math.round(seconds - Date.now() / 1000));
  return `${Math.floor(left / 60)}:${String(left % 60).padStart(2, '0')}`;
}
