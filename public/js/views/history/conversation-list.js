import { deletions } from '../../deletions.js';
import { pageHash } from '../../router.js';
import { counted } from '../counted.js';
import { make } from '../dom.js';
import { Endless } from '../endless.js';
import { actionLink, emptyState } from '../parts.js';
import { hideDeleted, lastOf } from '../rows.js';
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
  #isLoaded = false;
  #selected = null;

  constructor(scroller, { api }, signal) {
    this.#api = api;
    this.#signal = signal;
    this.#empty.hidden = true;
    const more = new Endless(() => this.#load(), { root: scroller, signal, rows: 8 });
    this.element = make('div', {}, this.#list, this.#empty, more.element);
    const hide = ({ detail }) => this.#hideDeleted(detail.undone);
    deletions.addEventListener('change', hide, { signal });
    addEventListener('conversation-renamed', ({ detail }) => this.#rename(detail), { signal });
  }

  /** Marks the one that is open; none for undefined. */
  select(id) {
    this.#link(this.#selected)?.removeAttribute('aria-current');
    this.#selected = id;
    this.#link(id)?.setAttribute('aria-current', 'true');
  }

  #link(id) {
    return this.#rows.get(id)?.querySelector('a');
  }

  async #load() {
    const page = { limit: PER_PAGE, after: lastOf(this.#rows) };
    const options = { signal: this.#signal };
    const { data, has_more: isMore } = await this.#api.listConversations(page, options);
    data.filter(({ id }) => !this.#rows.has(id)).forEach((conversation) => this.#add(conversation));
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
    this.#rows.set(id, row);
    this.#list.append(row);
  }

  #rename(conversation) {
    const name = this.#link(conversation.id)?.querySelector('.name');
    if (name) name.textContent = nameOf(conversation);
  }

  #hideDeleted(undone) {
    this.#empty.hidden = hideDeleted(this.#rows, undone) > 0 || !this.#isLoaded;
  }
}
