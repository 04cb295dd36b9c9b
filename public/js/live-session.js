import * as api from './api.js';
import {
  activity,
  emptyConversation,
  interrupt,
  storedMessage,
  update,
} from './realtime/conversation.js';
import {
  functionOutput,
  responseCancellation,
  responseRequest,
  userMessage,
  withEventID,
} from './realtime/events.js';
import { UpstreamSocket } from './realtime/upstream-socket.js';
import { recalled } from './recall.js';

const CONNECT_TIMEOUT_MS = 15_000;
const STORING_TIMEOUT_MS = 3_000;

/**
 * One session at a time, from minting to its end: `idle`, `connecting`, `live`, then `ended` or
 * `failed`. What is said goes to the outbox as soon as it is final.
 *
 * Events, with their details: `change` of anything below, `event` {isSent, event, at}, where `at` is
 * the time in Unix milliseconds, and `finished`
 * once the broker knows of the end.
 */
export class LiveSession extends EventTarget {
  /** `idle`, `connecting`, `live`, `ended` or `failed`. */
  phase = 'idle';
  /** The broker's answer to minting, without the secret; null before the first. */
  session = null;
  conversation = emptyConversation;
  /** Notices between the items: `{after: itemID|null, text}`. */
  notices = [];
  /** Why it failed, in plain words; null while all is well. */
  problem = null;
  #outbox;
  #socket;
  #greeting = null;
  /** Whether the model got what it called for, and is to go on as soon as nothing else runs. */
  #owesAnswer = false;
  #lastError = null;
  #timer = null;
  #attempt = 0;
  #ending = Promise.resolve();

  constructor({ outbox }) {
    super();
    this.#outbox = outbox;
    this.#socket = new UpstreamSocket({
      onEvent: (event) => this.#received(event),
      onClose: (closure) => this.#closed(closure),
    });
  }

  /** `idle`, `connecting`, `ready`, `thinking`, `answering` or `error`. */
  get state() {
    const states = { idle: 'idle', ended: 'idle', connecting: 'connecting', failed: 'error' };
    return states[this.phase] ?? activity(this.conversation);
  }

  get isRunning() {
    return this.phase === 'connecting' || this.phase === 'live';
  }

  /** Ends a running session, mints, and connects; `options` are those of `POST /api/session`. */
  async start(options) {
    this.end();
    const attempt = (this.#attempt += 1);
    this.#become({
      phase: 'connecting',
      session: null,
      conversation: emptyConversation,
      notices: [],
      problem: null,
    });
    this.#owesAnswer = false;
    try {
      // What the last session left is there for the next one only once it has ended.
      await this.#ending;
      if (attempt !== this.#attempt) return;
      const { client_secret: secret, ...session } = await api.startSession(options);
      // The user may have ended it while the key was being minted.
      if (attempt !== this.#attempt) return void (this.#ending = this.#endAtBroker(session));
      this.#become({ session: { ...session, secretExpiresAt: secret.expires_at } });
      this.#greeting = session.greeting_event;
      this.#socket.connect({ url: session.url, model: session.model, secret: secret.value });
      const giveUp = () => this.#fail('The upstream does not answer.');
      this.#timer = setTimeout(giveUp, CONNECT_TIMEOUT_MS);
    } catch (error) {
      if (attempt === this.#attempt) this.#fail(`${error.message}.`);
    }
  }

  /** Sends what the user typed and asks for the answer; false if the connection is just ending. */
  say(text) {
    return this.#send(userMessage(text)) && this.#send(responseRequest());
  }

  /** Cuts the running answer short. */
  stopAnswer() {
    this.#send(responseCancellation());
  }

  /** Ends the session here, upstream and at the broker, once what was said is stored. */
  end() {
    if (!this.isRunning) return;
    this.#hangUp();
    this.#become({ phase: 'ended' });
    if (this.session) this.#ending = this.#endAtBroker(this.session);
  }

  /** The page is going away: one request that outlives it; the outbox does the rest next time. */
  leave() {
    if (!this.isRunning || !this.session) return;
    this.#hangUp();
    this.phase = 'ended';
    api.endSession(this.session.id, { isLeaving: true }).catch(() => {});
  }

  #send(event) {
    if (!this.#socket.isOpen) return false;
    this.#socket.send(event);
    this.#logged(true, event);
    this.#apply(update(this.conversation, event));
    return true;
  }

  #received(event) {
    this.#logged(false, event);
    this.#lastError = event.type === 'error' ? event.error.message : null;
    this.#apply(update(this.conversation, event));
    if (event.type === 'session.created') this.#opened();
    if (event.type === 'response.done') this.#answerCalls(event.response);
  }

  async #answerCalls(response) {
    const attempt = this.#attempt;
    const outputs = await recalled(response);
    if (attempt !== this.#attempt) return;
    for (const { callID, output } of outputs) this.#send(functionOutput(callID, output));
    this.#owesAnswer ||= outputs.length > 0;
    // One response at a time: the user may have asked for another meanwhile.
    if (!this.#owesAnswer || this.conversation.activeResponse !== null) return;
    this.#owesAnswer = !this.#send(responseRequest());
  }

  #opened() {
    clearTimeout(this.#timer);
    this.#become({ phase: 'live' });
    if (this.#greeting) this.#send(withEventID(this.#greeting));
  }

  /** Upstream says why in an `error` event just before it closes, if at all. */
  #closed({ code, reason }) {
    const isRefused = this.phase === 'connecting';
    const guess = isRefused
      ? 'The upstream cannot be reached.'
      : `The connection to the upstream ended (${reason || `code ${code}`}).`;
    this.#fail(this.#lastError ?? guess);
  }

  #fail(problem) {
    if (!this.isRunning) return;
    this.#hangUp();
    this.#become({ phase: 'failed', problem });
    if (this.session) this.#ending = this.#endAtBroker(this.session);
  }

  #hangUp() {
    this.#attempt += 1;
    clearTimeout(this.#timer);
    this.#socket.close();
    this.#apply(interrupt(this.conversation));
  }

  async #endAtBroker(session) {
    await Promise.race([this.#outbox.settled(), pause(STORING_TIMEOUT_MS)]);
    try {
      await api.endSession(session.id);
    } catch (error) {
      this.#note(`The broker was not told of the end. ${error.message}.`);
    }
    this.dispatchEvent(new CustomEvent('finished', { detail: session }));
  }

  #apply({ state, finished, notice }) {
    this.conversation = state;
    for (const id of finished) {
      const message = storedMessage(state.items[id], this.session.id);
      this.#outbox.add(this.session.conversation_id, message);
    }
    if (notice) this.#note(notice);
    this.#become({});
  }

  #note(text) {
    const after = this.conversation.order.at(-1) ?? null;
    this.#become({ notices: [...this.notices, { after, text }] });
  }

  #logged(isSent, event) {
    this.dispatchEvent(new CustomEvent('event', { detail: { isSent, event, at: Date.now() } }));
  }

  #become(fields) {
    Object.assign(this, fields);
    this.dispatchEvent(new CustomEvent('change'));
  }
}

const pause = (milliseconds) => new Promise((resolve) => setTimeout(resolve, milliseconds));
