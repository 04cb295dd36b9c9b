import { counted } from '../counted.js';
import { make } from '../dom.js';
import { Endless } from '../endless.js';
import { nameOf } from '../history/conversation-list.js';
import { summaryRow, writtenSummaries } from '../history/summaries.js';
import { problemBox, skeleton } from '../parts.js';

const PER_PAGE = 20;

/** The conversations; the summaries of one are fetched when somebody wants to see them. */
export class SummariesPanel {
  element = make('section', { className: 'card panel-card' });
  #api;
  #signal;
  #list = make('ol', { className: 'facts-list' });
  #lastID = '';

  constructor({ api }, signal) {
    this.#api = api;
    this.#signal = signal;
    const title = make('h2', { id: 'summaries-title', textContent: 'Summaries' });
    const root = document.getElementById('page');
    const more = new Endless(() => this.#load(), { root, signal });
    this.element.setAttribute('aria-labelledby', 'summaries-title');
    this.element.append(make('header', { className: 'bar' }, title), this.#list, more.element);
  }

  async #load() {
    const page = { limit: PER_PAGE, after: this.#lastID };
    const { data, last_id: lastID, has_more: isMore } = await this.#api.listConversations(page, {
      signal: this.#signal,
    });
    this.#lastID = lastID ?? this.#lastID;
    const said = data.filter(({ message_count: count }) => count > 0);
    this.#list.append(...said.map((conversation) => this.#row(conversation)));
    if (!isMore && this.#list.childElementCount === 0) this.#list.append(nothing());
    return isMore;
  }

  #row(conversation) {
    const { message_count: count } = conversation;
    const name = make('span', { className: 'name', dir: 'auto' }, nameOf(conversation));
    const facts = make('span', { className: 'facts-line' }, counted(count, 'message'));
    const details = make('details', { className: 'fold' }, make('summary', {}, name, facts));
    const body = make('div', {}, skeleton(2));
    const load = () => this.#loadSummaries(conversation.id, body);
    details.append(body);
    details.addEventListener('toggle', load, { once: true });
    return make('li', {}, details);
  }

  async #loadSummaries(id, body) {
    try {
      const { data } = await this.#api.listSummaries(id, { limit: 100 }, { signal: this.#signal });
      const written = writtenSummaries(data);
      const rows = written.map((summary) => summaryRow(summary, id));
      body.replaceChildren(written.length > 0 ? make('ol', {}, ...rows) : notYet());
    } catch (error) {
      if (this.#signal.aborted) return;
      body.replaceChildren(problemBox(error, () => this.#loadSummaries(id, body)));
    }
  }
}

const nothing = () =>
  make('li', { className: 'muted', textContent: 'There is nothing to sum up yet.' });

const notYet = () =>
  make('p', { className: 'muted', textContent: 'Not summed up yet: that happens when it ends.' });
