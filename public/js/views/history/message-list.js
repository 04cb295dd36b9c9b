import { groupBy } from './group-by.js';
import { make } from '../dom.js';
import { Endless } from '../endless.js';
import { emptyState, skeleton } from '../parts.js';
import { clockText, dayAndClockText, isSameDay, longDayText } from '../times.js';
import { messageRow, showFacts } from './message-row.js';

const PER_PAGE = 50;

/**
 * The messages of one conversation, in order, from its start or around one of them; pages are
 * loaded as one scrolls to either end. Between them stand days and the sessions' boundaries.
 */
export class MessageList {
  element = make('div', { className: 'messages' });
  #api;
  #id;
  #scroller;
  #signal;
  #loading = new AbortController();
  #list;
  /** In order: `{message, row, dividers}`. */
  #entries = [];
  #calls = new Map();
  #sessions = new Map();
  #facts = new Map();

  constructor({ api }, conversationID, { scroller, signal }) {
    this.#api = api;
    this.#id = conversationID;
    this.#scroller = scroller;
    this.#signal = signal;
    signal.addEventListener('abort', () => this.#loading.abort());
  }

  /** Shows the messages from the start on, or those around one. */
  async open(messageID) {
    if (messageID && this.#reveal(messageID)) return;
    this.#loading.abort();
    this.#loading = new AbortController();
    this.#entries = [];
    this.#list = make('ol', { className: 'entry-list' });
    const { signal } = this.#loading;
    if (messageID) await this.#openAround(messageID, signal);
    else this.element.replaceChildren(this.#list, this.#end('after').element);
  }

  async #openAround(id, signal) {
    this.element.replaceChildren(skeleton(8));
    const message = await this.#api.getMessage(id, { signal });
    if (signal.aborted) return;
    // An address that was put together wrongly shows the conversation alone.
    if (message.conversation_id === this.#id) this.#append([message]);
    const before = this.#entries.length > 0 ? [this.#end('before').element] : [];
    this.element.replaceChildren(...before, this.#list, this.#end('after').element);
    this.#reveal(id);
  }

  /** Shows the last messages. */
  async openEnd() {
    const page = { limit: 1, order: 'desc' };
    const { data } = await this.#api.listMessages(this.#id, page, { signal: this.#signal });
    if (data.length > 0) await this.open(data[0].id);
  }

  /** Takes in what is known of the sessions, by their ids. */
  setSessions(sessions) {
    this.#sessions = new Map(sessions.map((session) => [session.id, session]));
    this.#entries.forEach((_, index) => this.#divide(index));
  }

  /** Takes in facts, each with the ids of its messages. */
  setFacts(facts) {
    this.#facts = groupBy(
      facts.flatMap((fact) => fact.message_ids.map((id) => ({ id, fact }))),
      ({ id }) => id,
    );
    for (const { message, row } of this.#entries) this.#showFacts(message, row);
  }

  #reveal(id) {
    const row = this.#entries.find(({ message }) => message.id === id)?.row;
    if (!row) return false;
    this.element.querySelector('.entry.target')?.classList.remove('target');
    row.classList.add('target');
    row.scrollIntoView({ block: 'center' });
    row.focus({ preventScroll: true });
    return true;
  }

  #end(direction) {
    const { signal } = this.#loading;
    return new Endless(() => this.#load(direction, signal), {
      root: this.#scroller,
      signal,
      rows: direction === 'after' ? 8 : 2,
    });
  }

  async #load(direction, signal) {
    const edge = direction === 'after' ? this.#entries.at(-1) : this.#entries[0];
    const page = { limit: PER_PAGE, [direction]: edge?.message.id ?? '' };
    const { data, has_more: isMore } = await this.#api.listMessages(this.#id, page, { signal });
    if (signal.aborted) return false;
    if (direction === 'after') this.#append(data);
    else this.#prepend(data);
    if (this.#entries.length === 0) this.element.prepend(emptyMessages());
    return isMore;
  }

  #append(messages) {
    const entries = messages.map((message) => this.#entry(message));
    const first = this.#entries.length;
    this.#entries.push(...entries);
    this.#list.append(...entries.map(({ row }) => row));
    entries.forEach((_, index) => this.#divide(first + index));
  }

  /** What is in sight stays where it is. */
  #prepend(messages) {
    const entries = messages.map((message) => this.#entry(message));
    const anchor = this.#entries[0]?.row;
    const top = anchor?.getBoundingClientRect().top;
    this.#entries.unshift(...entries);
    this.#list.prepend(...entries.map(({ row }) => row));
    for (let index = 0; index <= entries.length; index += 1) this.#divide(index);
    if (anchor) this.#scroller.scrollTop += anchor.getBoundingClientRect().top - top;
  }

  #entry(message) {
    const { name, call_id: callID } = message.metadata;
    if (message.type === 'function_call' && name) this.#calls.set(callID, name);
    const row = messageRow(message, this.#calls);
    this.#showFacts(message, row);
    return { message, row, dividers: [] };
  }

  #showFacts(message, row) {
    const facts = this.#facts.get(message.id);
    if (facts) showFacts(row, facts.map(({ fact }) => fact));
  }

  /** Puts what divides an entry from the one before it in front of it. */
  #divide(index) {
    const entry = this.#entries[index];
    if (!entry) return;
    entry.dividers.forEach((divider) => divider.remove());
    entry.dividers = this.#dividers(entry.message, this.#entries[index - 1]?.message);
    entry.row.before(...entry.dividers);
  }

  #dividers(message, previous) {
    const { created_at: time, session_id: session } = message;
    const isNewDay = !previous || !isSameDay(time, previous.created_at);
    const isNewSession = session && session !== previous?.session_id;
    return [
      isNewDay && divider('day', longDayText(time)),
      isNewSession && divider('session', this.#sessionText(session)),
    ].filter(Boolean);
  }

  #sessionText(id) {
    const session = this.#sessions.get(id);
    if (!session) return 'A session begins';
    const { created_at: from, ended_at: to, voice, model, context } = session;
    const end = to && (isSameDay(from, to) ? clockText(to) : dayAndClockText(to));
    return [
      `Session ${clockText(from)}${end ? ` – ${end}` : ''}`,
      voice,
      model,
      context?.tokens > 0 && `was told ${context.tokens.toLocaleString()} tokens of memory`,
    ].filter(Boolean).join(' · ');
  }
}

const divider = (kind, textContent) => make('li', { className: `divider ${kind}`, textContent });

const emptyMessages = () =>
  emptyState('Nothing was said', 'Continue this conversation, and it fills.');
