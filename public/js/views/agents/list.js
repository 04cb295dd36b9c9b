import { deletions } from '../../deletions.js';
import { pageHash } from '../../router.js';
import { counted } from '../counted.js';
import { make } from '../dom.js';
import { Endless } from '../endless.js';
import { actionLink, emptyState } from '../parts.js';
import { hideDeleted, lastOf } from '../rows.js';

const PER_PAGE = 50;
const INTRODUCTION =
  'An agent is a voice, instructions and tools under a name. Start a session with one, ' +
  'and it behaves so.';

/** All agents, the newest first. */
export class AgentList {
  element;
  #api;
  #signal;
  #rows = new Map();
  #list = make('ol', { className: 'agent-list' });
  #empty = emptyState(
    'No agents yet',
    'Without one, sessions use the broker’s own instructions.',
    actionLink('Create an agent', '#/agents/new', 'primary'),
  );
  #isLoaded = false;

  constructor({ api }, signal) {
    this.#api = api;
    this.#signal = signal;
    this.#empty.hidden = true;
    const root = document.getElementById('page');
    const more = new Endless(() => this.#load(), { root, signal, rows: 4 });
    const head = make(
      'header',
      { className: 'page-head with-choice' },
      make('h1', { textContent: 'Agents' }),
      actionLink('New agent', '#/agents/new', 'primary'),
      make('p', { className: 'muted', textContent: INTRODUCTION }),
    );
    this.element = make('div', {}, head, this.#list, this.#empty, more.element);
    const hide = ({ detail }) => this.#hideDeleted(detail.undone);
    deletions.addEventListener('change', hide, { signal });
  }

  async #load() {
    const page = { limit: PER_PAGE, after: lastOf(this.#rows) };
    const { data, has_more: isMore } = await this.#api.listAgents(page, {
      signal: this.#signal,
    });
    this.#isLoaded = !isMore;
    for (const agent of data.filter(({ id }) => !this.#rows.has(id))) {
      const row = this.#row(agent);
      this.#rows.set(agent.id, row);
      this.#list.append(row);
    }
    this.#hideDeleted();
    return isMore;
  }

  #row({ id, name, model, voice, instructions, tools }) {
    const facts = [voice, model, tools.length > 0 && counted(tools.length, 'tool')]
      .filter(Boolean)
      .join(' · ');
    const link = make('a', { href: pageHash('agents', { id }), dir: 'auto', textContent: name });
    const tryIt = actionLink('Try it', pageHash('talk', { agent: id }));
    tryIt.append(make('span', { className: 'unseen', textContent: `: ${name}` }));
    const remove = make('button', { type: 'button', className: 'quiet danger' }, 'Delete');
    remove.append(make('span', { className: 'unseen', textContent: ` ${name}` }));
    remove.addEventListener('click', () => {
      deletions.add(id, `“${name}”`, this.#api.deleteAgent);
    });
    const text = instructions || 'The broker’s own instructions.';
    return make(
      'li',
      { className: 'card agent' },
      make('h2', {}, link),
      make('p', { className: 'facts-line', textContent: facts || 'Defaults' }),
      make('p', { className: 'clamped', dir: 'auto', textContent: text }),
      make('div', { className: 'actions' }, tryIt, remove),
    );
  }

  #hideDeleted(undone) {
    this.#empty.hidden = hideDeleted(this.#rows, undone) > 0 || !this.#isLoaded;
  }
}
