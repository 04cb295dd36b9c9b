import { allFacts } from '../../facts.js';
import { pageHash } from '../../router.js';
import { counted } from '../counted.js';
import { confirmed } from '../dialog.js';
import { make } from '../dom.js';
import { actionLink, emptyState, problemBox, skeleton } from '../parts.js';
import { dayAndClockText, dayText } from '../times.js';

const STAYS =
  'The messages that said it stay in their conversations, word for word, ' +
  'but they are no longer found by search or remembered. ';
const FOR_GOOD = 'It does not come back, even if it is said again. This cannot be undone.';

/** What users said of themselves: what holds now, and what held once. */
export class FactsPanel {
  element = make('section', { className: 'card panel-card' });
  #api;
  #announce;
  #signal;
  #wanted;
  #onForgotten;
  #facts = [];
  #body = make('div', {}, skeleton(5));
  #title = make('h2', { id: 'facts-title', tabIndex: -1, textContent: 'What it knows about you' });
  #forgetAll = make('button', { type: 'button', className: 'quiet danger', hidden: true });

  /** `wanted` is the id of a fact to show first; `onForgotten` hears when there are fewer. */
  constructor({ api, announce }, signal, { wanted, onForgotten }) {
    this.#api = api;
    this.#announce = announce;
    this.#signal = signal;
    this.#wanted = wanted;
    this.#onForgotten = onForgotten;
    this.#forgetAll.textContent = 'Forget all';
    this.#forgetAll.addEventListener('click', () => this.#askAll());
    this.element.setAttribute('aria-labelledby', 'facts-title');
    this.element.append(make('header', { className: 'bar' }, this.#title, this.#forgetAll), this.#body);
    this.#load();
  }

  async #load() {
    try {
      this.#facts = await allFacts(this.#api, { signal: this.#signal });
      this.#render();
      this.#showWanted();
    } catch (error) {
      if (this.#signal.aborted) return;
      this.#body.replaceChildren(problemBox(error, () => this.#load()));
    }
  }

  #render() {
    this.#forgetAll.hidden = this.#facts.length === 0;
    if (this.#facts.length === 0) return this.#body.replaceChildren(nothing());
    const holding = this.#facts.filter(({ until }) => until === null);
    const past = this.#facts.filter(({ until }) => until !== null);
    const list = (facts) =>
      make('ol', { className: 'facts-list' }, ...facts.map((fact) => this.#row(fact)));
    const old = make(
      'details',
      { className: 'fold' },
      make('summary', { textContent: pastTitle(past.length) }),
      list(past),
    );
    this.#body.replaceChildren(list(holding), ...(past.length > 0 ? [old] : []));
  }

  #row(fact) {
    const { id, text, kind, since, until, message_ids: messages } = fact;
    const span = until ? `${dayText(since)} until ${dayText(until)}` : `since ${dayText(since)}`;
    const forget = make('button', { type: 'button', className: 'quiet danger' }, 'Forget');
    forget.append(make('span', { className: 'unseen', textContent: ` “${text}”` }));
    forget.addEventListener('click', () => this.#ask(fact));
    return make(
      'li',
      { id, tabIndex: -1 },
      make('p', { className: 'fact-text', dir: 'auto', textContent: text }),
      make('p', { className: 'facts-line', textContent: `${kind} · ${span}` }),
      forget,
      this.#sources(messages),
    );
  }

  /** The messages are fetched when somebody wants to see them. */
  #sources(ids) {
    const summary = make('summary', { textContent: `Said in ${counted(ids.length, 'message')}` });
    const details = make('details', { className: 'fold' }, summary);
    const load = async () => {
      const room = skeleton(ids.length);
      details.replaceChildren(summary, room);
      const options = { signal: this.#signal };
      const found = await Promise.allSettled(ids.map((id) => this.#api.getMessage(id, options)));
      room.replaceWith(make('ol', { className: 'sources' }, ...found.map(sourceRow)));
    };
    details.addEventListener('toggle', load, { once: true });
    return details;
  }

  #find(id) {
    return this.#body.querySelector(`[id="${CSS.escape(id)}"]`);
  }

  #showWanted() {
    const row = this.#wanted && this.#find(this.#wanted);
    if (!row) return;
    row.closest('details')?.setAttribute('open', '');
    row.classList.add('target');
    row.scrollIntoView({ block: 'center' });
    row.focus({ preventScroll: true });
  }

  async #ask(fact) {
    const title = `Forget “${fact.text}”?`;
    if (!(await confirmed({ title, text: STAYS + FOR_GOOD, action: 'Forget it' }))) return;
    await this.#forget(() => this.#api.forgetFact(fact.id), [fact], () => this.#remove(fact));
  }

  async #askAll() {
    const title = `Forget all ${counted(this.#facts.length, 'fact')}?`;
    const text = STAYS.replaceAll(' it ', ' them ') + FOR_GOOD.replace('It does', 'They do');
    if (!(await confirmed({ title, text, action: 'Forget all' }))) return;
    await this.#forget(() => this.#api.forgetAllFacts(), this.#facts, () => this.#render());
  }

  /** What is open or read in the others stays so. */
  #remove({ id }) {
    const row = this.#find(id);
    const list = row?.parentElement;
    const next = row?.nextElementSibling ?? row?.previousElementSibling;
    if (!next) return this.#render();
    row.remove();
    const past = list.closest('details')?.firstElementChild;
    if (past) past.textContent = pastTitle(list.childElementCount);
    next.focus();
  }

  async #forget(request, facts, show) {
    try {
      await request();
      this.#facts = this.#facts.filter((fact) => !facts.includes(fact));
      this.#announce('Forgotten');
      show();
      // Where the button is gone, the focus would be nowhere.
      if (document.activeElement === document.body) this.#title.focus();
      this.#onForgotten();
    } catch (error) {
      this.#body.prepend(problemBox(error, () => this.#load()));
    }
  }
}

const pastTitle = (count) => `No longer true (${count})`;

const nothing = () =>
  emptyState(
    'Nothing yet',
    'Say something about yourself, such as where you live or what your dog is called.',
    actionLink('Talk', '#/talk', 'primary'),
  );

function sourceRow({ value: message, reason }) {
  if (!message) {
    const textContent = reason.status === 404 ? 'This message is gone.' : `${reason.message}.`;
    return make('li', { className: 'muted', textContent });
  }
  const { id, conversation_id: conversation, content, created_at: time } = message;
  const href = pageHash('history', { id: conversation, message: id });
  return make(
    'li',
    {},
    make('a', { href, textContent: dayAndClockText(time) }),
    make('p', { className: 'quote', dir: 'auto', textContent: content }),
  );
}
