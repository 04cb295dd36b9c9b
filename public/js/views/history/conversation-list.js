import { deletions } from '../../deletions.js';
import { pageHash } from '../../router.js';
import { counted } from '../counted.js';
import { make } from '../dom.js';
import { Endless } from '../endless.js';
import { actionLink, emptyState } from '../parts.js';
import { dayAndClockText, shortTimeText } from '../times.js';

const PER_PAGE = 30;

/** What a conversation is called: its title, or else the first words said in it. */
export const nameOf = ({ title, preview }) => title || preview || 'Nothing said';

/** All conversations, the newest first; more are loaded as one scrolls. */
export class ConversationList {
  element;
  #api;
  #signal;
  #rows = new Map();
  #list = make('ol', { className: 'conversation-list' });
  #empty = emptyState(
    'Nothing was said yet',
    'What you say is kept here, word for word, and can be searched.',
    actionLink('Talk', '#/talk', 'primary'),
  );
  #lastID = null;
  #isLoaded = false;
  #selected = null;

  constructor(scroller, { api }, signal) {
    this.#api = api;
    this.#signal = signal;
    this.#empty.hidden = true;
    const more = new Endless(() => this.#load(), { root: scroller, signal, rows: 8 });
    this.element = make('div', {}, this.#list, this.#empty, more.element);
    deletions.addEventListener('change', () => this.#hideDeleted(), { signal });
    addEventListener('conversation-renamed', ({ detail }) => this.#rename(detail), { signal });
  }

  /** Marks the one that is open; none for undefined. */
  select(id) {
    this.#rows.get(this.#selected)?.link.removeAttribute('aria-current');
    this.#selected = id;
    this.#rows.get(id)?.link.setAttribute('aria-current', 'true');
  }

  async #load() {
    const page = { limit: PER_PAGE, after: this.#lastID ?? '' };
    const options = { signal: this.#signal };
    const { data, last_id: lastID, has_more: isMore } = await this.#api.listConversations(
      page,
      options,
    );
    data.forEach((conversation) => this.#add(conversation));
    this.#lastID = lastID ?? this.#lastID;
    this.#isLoaded = !isMore;
    this.#hideDeleted();
    this.select(this.#selected);
    return isMore;
  }

  #add(conversation) {
    const { id, message_count: count, last_message_at: last, created_at: made } = conversation;
    const time = make('time', { textContent: shortTimeText(last ?? made) });
    time.title = dayAndClockText(last ?? made);
    const name = make('span', { className: 'name', dir: 'auto' }, nameOf(conversation));
    const facts = make('span', { className: 'facts-line' }, counted(count, 'message'));
    const link = make('a', { href: pageHash('history', { id }) }, name, time, facts);
    const row = make('li', {}, link);
    this.#rows.set(id, { row, link, name, conversation });
    this.#list.append(row);
  }

  #rename(conversation) {
    const shown = this.#rows.get(conversation.id);
    if (shown) shown.name.textContent = nameOf(conversation);
  }

  #hideDeleted() {
    let count = 0;
    for (const [id, { row }] of this.#rows) {
      row.hidden = deletions.has(id);
      if (!row.hidden) count += 1;
    }
    this.#empty.hidden = count > 0 || !this.#isLoaded;
  }
}
