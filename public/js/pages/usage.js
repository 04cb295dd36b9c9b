// What was consumed, and what it cost.

import { make } from '../views/dom.js';
import { problemBox, skeleton } from '../views/parts.js';
import { renderUsage } from '../views/usage/report.js';

const DAY_SECONDS = 86_400;
const DAYS = [7, 30, 90];
const MOST_CONVERSATIONS = 50;

export function open(root, { api }, params) {
  const closing = new AbortController();
  let running = new AbortController();
  const choice = make('select', { name: 'days' });
  for (const days of DAYS) choice.append(new Option(`Last ${days} days`, days));
  choice.value = DAYS.includes(Number(params.days)) ? params.days : '30';
  choice.setAttribute('aria-label', 'Span of time');
  choice.addEventListener('change', load);
  const body = make('div', { className: 'usage-body' }, skeleton(10));
  const head = make(
    'header',
    { className: 'page-head with-choice' },
    make('h1', { textContent: 'Usage' }),
    choice,
    make('p', { className: 'muted', textContent: 'Days are those of UTC. Deleted conversations ' +
      'are not in these sums; what is paid in the end, upstream’s bill says.' }),
  );
  root.append(make('div', { className: 'page usage-page' }, head, body));
  load();
  return {
    close() {
      closing.abort();
      running.abort();
    },
  };

  async function load() {
    running.abort();
    running = new AbortController();
    const { signal } = running;
    const days = Number(choice.value);
    const midnight = Math.floor(Date.now() / 1000 / DAY_SECONDS) * DAY_SECONDS;
    const from = midnight - (days - 1) * DAY_SECONDS;
    const get = (group, limit) => api.getUsage({ from, group_by: group, limit }, { signal });
    try {
      const [byDay, byConversation, byModel] = await Promise.all([
        get('day', days),
        get('conversation', MOST_CONVERSATIONS),
        get('model', 100),
      ]);
      if (!signal.aborted) renderUsage(body, { from, days, byDay, byConversation, byModel });
    } catch (error) {
      if (!signal.aborted) body.replaceChildren(problemBox(error, load));
    }
  }
}
