import { pageHash } from '../../router.js';
import { counted } from '../counted.js';
import { make } from '../dom.js';
import { emptyState, problemBox, skeleton } from '../parts.js';
import { dayAndClockText, endOfDay, startOfDay } from '../times.js';

const DEBOUNCE_MS = 200;
const MOST_HITS = 50;
const speakers = { user: 'You', assistant: 'Assistant', system: 'System', tool: 'Tool' };

/** Search over everything ever said, as one types. */
export class SearchView {
  form;
  results = make('div', { className: 'search-results', hidden: true });
  #api;
  #announce;
  #onActive;
  #field = make('input', {
    type: 'search',
    name: 'q',
    placeholder: 'Search everything said',
    autocomplete: 'off',
    maxLength: 1000,
  });
  #from = make('input', { type: 'date', name: 'from' });
  #to = make('input', { type: 'date', name: 'to' });
  #timer = null;
  /** Of the search that is under way; a newer one gives it up. */
  #running = new AbortController();

  /** `onActive(isActive)` hears whether results are shown instead of the list. */
  constructor(scroller, { api, announce }, signal, { onActive }) {
    this.#api = api;
    this.#announce = announce;
    this.#onActive = onActive;
    this.#field.setAttribute('aria-label', 'Search everything said');
    this.form = make(
      'form',
      { className: 'search' },
      this.#field,
      make(
        'details',
        { className: 'fold dates' },
        make('summary', { textContent: 'Dates' }),
        make('div', { className: 'date-range' }, label('From', this.#from), label('To', this.#to)),
      ),
    );
    this.form.setAttribute('role', 'search');
    this.form.addEventListener('submit', (event) => {
      event.preventDefault();
      this.#start(0);
    });
    this.form.addEventListener('input', () => this.#start(DEBOUNCE_MS));
    signal.addEventListener('abort', () => this.#stop());
  }

  #stop() {
    clearTimeout(this.#timer);
    this.#running.abort();
  }

  #start(delayMs) {
    this.#stop();
    const isActive = this.#field.value.trim() !== '';
    this.results.hidden = !isActive;
    this.#onActive(isActive);
    if (!isActive) return;
    if (this.results.childElementCount === 0) this.results.append(skeleton(6));
    this.#timer = setTimeout(() => this.#search(), delayMs);
  }

  async #search() {
    this.#running = new AbortController();
    const { signal } = this.#running;
    const fields = {
      q: this.#field.value.trim(),
      from: startOfDay(this.#from.value),
      to: endOfDay(this.#to.value),
      // The last word may not be there in full yet.
      prefix: true,
      limit: MOST_HITS,
    };
    try {
      const { data, has_more: isMore } = await this.#api.search(fields, { signal });
      if (!signal.aborted) this.#show(data, isMore);
    } catch (error) {
      if (signal.aborted) return;
      this.results.replaceChildren(problemBox(error, () => this.#start(0)));
    }
  }

  #show(found, isMore) {
    const { hits, others } = parted(found);
    const text = `${isMore ? 'The best ' : ''}${counted(hits.length, 'message')}`;
    this.#announce(hits.length === 0 ? 'Nothing found' : `${text} found`);
    this.results.replaceChildren(
      hits.length === 0
        ? emptyState('Nothing found', 'Try other words: what was said matters, not how.')
        : make('p', { className: 'muted hits-count', textContent: text }),
      hitList(hits),
    );
    if (others.length === 0) return;
    const textContent = 'Said next to it';
    this.results.append(make('h2', { className: 'hits-others', textContent }), hitList(others));
  }
}

/** What fits, and what only stands beside it; where a day is looked for, no word is marked. */
function parted(found) {
  const isMarked = ({ snippet }) => snippet.some(({ match }) => match);
  const hits = found.filter(isMarked);
  if (hits.length === 0) return { hits: found, others: [] };
  return { hits, others: found.filter((hit) => !isMarked(hit)) };
}

const hitList = (hits) => make('ol', { className: 'hits' }, ...hits.map(hitRow));

const label = (text, field) => make('label', {}, text, field);

function hitRow({ message, snippet }) {
  const { id, conversation_id: conversation, role, created_at: time } = message;
  const pieces = snippet.map(({ text, match }) =>
    match ? make('mark', { textContent: text }) : text,
  );
  const link = make(
    'a',
    { href: pageHash('history', { id: conversation, message: id }) },
    make(
      'span',
      { className: 'facts-line' },
      `${speakers[role] ?? role} · ${dayAndClockText(time)}`,
    ),
    make('span', { className: 'snippet', dir: 'auto' }, ...pieces),
  );
  return make('li', {}, link);
}
