import { deleteBroadcast, listBroadcasts } from '../../broadcasts/api.js';
import { deletions } from '../../deletions.js';
import { pageHash } from '../../router.js';
import { make } from '../dom.js';
import { Endless } from '../endless.js';
import { actionLink, emptyState } from '../parts.js';
import { hideDeleted, lastOf } from '../rows.js';
import { dayAndClockText } from '../times.js';
import { factsOf, statuses, titleOf } from './words.js';

const PER_PAGE = 30;
const NEW = pageHash('broadcasts', { id: 'new' });
const INTRODUCTION =
  'You speak, and others read along on their phones, each in their language, while you speak. ' +
  'All of it is kept.';

/** All broadcasts, the newest first. */
export class BroadcastList {
  element;
  #signal;
  #rows = new Map();
  #list = make('ol', { className: 'broadcast-list' });
  #empty = emptyState(
    'No broadcasts yet',
    'Create one, give people its link, and speak.',
    actionLink('Create a broadcast', NEW, 'primary'),
  );
  #isLoaded = false;

  constructor(signal) {
    this.#signal = signal;
    this.#empty.hidden = true;
    const root = document.getElementById('page');
    const more = new Endless(() => this.#load(), { root, signal, rows: 4 });
    const head = make(
      'header',
      { className: 'page-head with-choice' },
      make('h1', { textContent: 'Broadcasts' }),
      actionLink('New broadcast', NEW, 'primary'),
      make('p', { className: 'muted', textContent: INTRODUCTION }),
    );
    this.element = make('div', {}, head, this.#list, this.#empty, more.element);
    const hide = ({ detail }) => this.#hideDeleted(detail.undone);
    deletions.addEventListener('change', hide, { signal });
  }

  async #load() {
    const page = { limit: PER_PAGE, after: lastOf(this.#rows) };
    const options = { signal: this.#signal };
    const { data, has_more: isMore } = await listBroadcasts(page, options);
    this.#isLoaded = !isMore;
    for (const broadcast of data.filter(({ id }) => !this.#rows.has(id))) {
      const row = broadcastRow(broadcast);
      this.#rows.set(broadcast.id, row);
      this.#list.append(row);
    }
    this.#hideDeleted();
    return isMore;
  }

  #hideDeleted(undone) {
    this.#empty.hidden = hideDeleted(this.#rows, undone) > 0 || !this.#isLoaded;
  }
}

function broadcastRow(broadcast) {
  const { id, status, created_at: made, started_at: begun } = broadcast;
  const title = titleOf(broadcast);
  const link = make('a', { href: pageHash('broadcasts', { id }), dir: 'auto', textContent: title });
  const remove = make('button', { type: 'button', className: 'quiet danger' }, 'Delete');
  remove.append(make('span', { className: 'unseen', textContent: ` ${title}` }));
  remove.addEventListener('click', () => deletions.add(id, `“${title}”`, deleteBroadcast));
  return make(
    'li',
    { className: 'card broadcast' },
    make('div', { className: 'broadcast-title' }, make('h2', {}, link), stateMark(statuses[status])),
    make('p', { className: 'facts-line', textContent: factsOf(broadcast) }),
    make(
      'div',
      { className: 'broadcast-foot' },
      make('time', { className: 'facts-line', textContent: dayAndClockText(begun ?? made) }),
      remove,
    ),
  );
}

/** A state as a word with a colour. */
export function stateMark({ kind, name }) {
  const dot = make('i');
  dot.setAttribute('aria-hidden', 'true');
  const word = make('span', { textContent: name });
  return make('span', { className: 'live-state', data: { kind } }, dot, word);
}
