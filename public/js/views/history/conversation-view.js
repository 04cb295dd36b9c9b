import { deletions } from '../../deletions.js';
import { allFacts } from '../../facts.js';
import { pageHash } from '../../router.js';
import { copyButton } from '../copy-button.js';
import { counted } from '../counted.js';
import { make } from '../dom.js';
import { costText, tokensText } from '../numbers.js';
import { actionLink, emptyState, problemBox } from '../parts.js';
import { dayAndClockText } from '../times.js';
import { nameOf } from './conversation-list.js';
import { exportMenu } from './export-menu.js';
import { MessageList } from './message-list.js';
import { renderSummaries } from './summaries.js';
import { TitleView } from './title-view.js';

const MOST_SESSIONS = 100;
/** From so many on, the end is far from the start. */
const LONG_MESSAGES = 20;

/** One conversation in full, and what can be done with it. */
export class ConversationView {
  #context;
  #id;
  #closing = new AbortController();
  #title;
  #numbers = make('div', { className: 'muted one-facts' });
  #summaries = make('div');
  #facts = make('div');
  #go = actionLink('Continue', '', 'primary');
  #scroller = make('div', { className: 'pane-scroll' });
  #end = make('button', { type: 'button', textContent: 'Go to the end', hidden: true });
  #messages;

  constructor(root, context, id, messageID) {
    this.#context = context;
    this.#id = id;
    const { signal } = this.#closing;
    this.#title = new TitleView((title) => this.#rename(title));
    this.#messages = new MessageList(context, id, { scroller: this.#scroller, signal });
    const back = make('a', { className: 'back', href: '#/history', textContent: '← History' });
    const head = make('header', { className: 'pane-head' }, back, this.#title.element, this.#numbers);
    head.append(this.#actions());
    this.#scroller.append(head, this.#summaries, this.#facts, this.#messages.element);
    deletions.addEventListener('change', () => this.#leaveDeleted(), { signal });
    this.goTo(messageID);
    this.#load(root);
  }

  /** Brings one message into sight; none means the start. */
  goTo(messageID) {
    this.#messages.open(messageID).catch((error) => {
      if (this.#closing.signal.aborted) return;
      this.#messages.element.replaceChildren(problemBox(error, () => this.goTo(messageID)));
    });
  }

  close() {
    this.#closing.abort();
  }

  async #load(root) {
    const options = { signal: this.#closing.signal };
    root.replaceChildren(this.#scroller);
    try {
      const conversation = await this.#context.api.getConversation(this.#id, options);
      this.#title.show(conversation);
      this.#context.retitle(nameOf(conversation));
      this.#end.hidden = conversation.message_count < LONG_MESSAGES;
      this.#loadPart(this.#numbers, () => this.#loadNumbers(conversation, options));
      this.#loadPart(this.#summaries, () => this.#loadSummaries(options));
      this.#loadPart(this.#facts, () => this.#loadFacts(options));
    } catch (error) {
      if (options.signal.aborted) return;
      const retry = () => this.#load(root);
      root.replaceChildren(error.status === 404 ? gone() : problemBox(error, retry));
    }
  }

  /** What fails leaves the others alone. */
  async #loadPart(place, load) {
    place.replaceChildren();
    try {
      await load();
    } catch (error) {
      if (this.#closing.signal.aborted) return;
      place.replaceChildren(problemBox(error, () => this.#loadPart(place, load)));
    }
  }

  async #loadNumbers(conversation, options) {
    const { api } = this.#context;
    const page = { conversation_id: this.#id, limit: MOST_SESSIONS };
    const span = { conversation_id: this.#id, from: 0 };
    const [sessions, usage] = await Promise.all([
      api.listSessions(page, options),
      api.getUsage(span, options),
    ]);
    this.#messages.setSessions(sessions.data);
    // It goes on with whom it was led last.
    this.#continueWith(sessions.data[0]?.agent_id);
    const count = sessions.has_more ? `more than ${MOST_SESSIONS} sessions`
      : counted(sessions.data.length, 'session');
    this.#numbers.textContent = [
      dayAndClockText(conversation.created_at),
      counted(conversation.message_count, 'message'),
      count,
      tokensText(usage.total),
      costText(usage.total),
    ].filter(Boolean).join(' · ');
  }

  async #loadSummaries(options) {
    const { data } = await this.#context.api.listSummaries(this.#id, { limit: 100 }, options);
    this.#summaries.replaceChildren(...renderSummaries(data, this.#id));
  }

  async #loadFacts(options) {
    this.#messages.setFacts(await allFacts(this.#context.api, options));
  }

  #actions() {
    const { api } = this.#context;
    this.#continueWith(null);
    this.#end.addEventListener('click', () => this.#goToEnd());
    const remove = make('button', { type: 'button', className: 'danger', textContent: 'Delete' });
    remove.addEventListener('click', () => this.#delete());
    const id = copyButton(this.#id, 'conversation id');
    return make('div', { className: 'actions' }, this.#go, this.#end, exportMenu(api, this.#id), remove, id);
  }

  #continueWith(agent) {
    this.#go.href = pageHash('talk', { conversation: this.#id, ...(agent && { agent }) });
  }

  #goToEnd() {
    this.#messages.openEnd().catch((error) => {
      const retry = () => this.#goToEnd();
      if (!this.#closing.signal.aborted) this.#messages.element.prepend(problemBox(error, retry));
    });
  }

  async #rename(title) {
    const conversation = await this.#context.api.changeConversation(this.#id, { title });
    this.#context.retitle(nameOf(conversation));
    dispatchEvent(new CustomEvent('conversation-renamed', { detail: conversation }));
    return conversation;
  }

  #delete() {
    deletions.add(this.#id, 'the conversation', this.#context.api.deleteConversation);
  }

  #leaveDeleted() {
    if (deletions.has(this.#id)) location.hash = pageHash('history');
  }
}

const gone = () =>
  emptyState(
    'There is no such conversation',
    'It was deleted, or the address is wrong.',
    actionLink('All conversations', '#/history'),
  );
