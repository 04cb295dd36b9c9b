import { Backoff } from '../realtime/backoff.js';
import { CaptionList } from './captions.js';
import { SocketLink } from './socket-link.js';

/** After a connection that lasted so long, the next pause is short again. */
const GOOD_MS = 3_000;
/** After so long a sleep, the connection is made anew. */
const SLEEP_MS = 20_000;
/** The broker says something each 10 seconds. */
const SILENCE_MS = 30_000;

/**
 * Listens by a WebSocket, or by server-sent events where those are blocked. A lost connection is
 * made again, without end, and goes on behind the last event.
 *
 * `phase` is `connecting`, `open`, `reconnecting`, `ended` or `refused` (`problem` says why). Tells
 * `change`, `said` with each caption that is completed meanwhile, and `voice` with pieces of Base64.
 */
export class BroadcastListener extends EventTarget {
  phase = 'connecting';
  problem = null;
  language;
  isBegun = false;
  isSpeaking = false;
  stopReason = null;
  listeners = 0;
  #id;
  #token;
  #check;
  #wantsAudio = false;
  /** Whether this connection was made with audio. */
  #hasAudio = false;
  #captions = new Map();
  #states = new Map();
  #backoff = new Backoff();
  #closing = new AbortController();
  /** Ends a pause: the next connection is wanted at once. */
  #waking = new AbortController();
  #link = null;
  #heardAt = 0;
  /** Whether WebSockets get through, once something did. */
  #canSocket = null;

  /** `check({signal})` throws when one may not listen. */
  constructor({ id, language, token, check }) {
    super();
    this.#id = id;
    this.language = language;
    this.#token = token;
    this.#check = check;
    this.#watchSleep();
    this.#run();
  }

  get captions() {
    return this.#captionsOf(this.language);
  }

  /** `{state, reason}` of the language. */
  get languageState() {
    return this.#states.get(this.language) ?? { state: 'off' };
  }

  setLanguage(language) {
    this.language = language;
    this.#update({ language, after: this.captions.mark ?? undefined });
    this.#tell('change');
  }

  setAudio(isWanted) {
    this.#wantsAudio = isWanted;
    this.#update({ audio: isWanted });
  }

  close() {
    this.#closing.abort();
    this.#renew();
  }

  get #isOver() {
    return this.#closing.signal.aborted || ['ended', 'refused'].includes(this.phase);
  }

  /** Tells the broker in place, or by a new connection where that cannot be told. */
  #update(change) {
    const event = { type: 'listener.update', ...change };
    if (this.phase === 'open' && !this.#link.send(event)) this.#renew();
  }

  #renew() {
    this.#waking.abort();
    this.#link?.close();
  }

  async #run() {
    while (!this.#isOver) {
      const startedAt = Date.now();
      this.#waking = new AbortController();
      const { signal } = this.#waking;
      const wasOpen = await this.#connect();
      if (this.phase === 'open') this.#become('reconnecting');
      if (wasOpen && Date.now() - startedAt > GOOD_MS) this.#backoff.reset();
      if (this.#isOver || signal.aborted) continue;
      if (!wasOpen) await this.#askWhy();
      if (!this.#isOver) await this.#backoff.pause(signal).catch(() => {});
    }
  }

  /** One connection, from its beginning to its end; whether anything came by it. */
  async #connect() {
    if (this.#canSocket !== false && (await this.#use(SocketLink))) return (this.#canSocket = true);
    if (this.#canSocket || this.#isOver || this.#waking.signal.aborted) return false;
    const module = await import('./stream-link.js').catch(() => null);
    if (!module || !(await this.#use(module.StreamLink))) return false;
    // What a socket never could while this can, it will not be able to later.
    this.#canSocket = false;
    return true;
  }

  #use(Link) {
    this.#hasAudio = this.#wantsAudio;
    this.#link = new Link(this.#id, {
      token: this.#token,
      language: this.language,
      after: this.captions.mark ?? '',
      audio: this.#wantsAudio ? '1' : '',
      onEvent: (event) => this.#take(event),
    });
    return this.#link.done;
  }

  /** The broadcast may be gone, or the token replaced. */
  async #askWhy() {
    try {
      await this.#check({ signal: this.#closing.signal });
    } catch (error) {
      if (![401, 404].includes(error.status)) return;
      this.problem = error;
      this.#become('refused');
    }
  }

  #take(event) {
    this.#heardAt = Date.now();
    const { type, language, reason } = event;
    if (type === 'broadcast.joined') this.#joined(event);
    else if (type === 'segment.completed') this.#completed(event);
    else if (type === 'segment.delta') this.#captionsOf(language).delta(event);
    else if (type === 'language.status') this.#states.set(language, event);
    else if (type === 'presence') this.listeners = event.listeners;
    else if (type === 'speaker.started') this.#spoken(true, null);
    // Who takes a speaker's place speaks in a moment.
    else if (type === 'speaker.stopped' && reason !== 'replaced') this.#spoken(false, reason);
    else if (type === 'audio.delta' && language === this.language) this.#tell('voice', event.delta);
    else if (type === 'broadcast.ended') this.#end();
    this.#tell('change');
  }

  #end() {
    this.phase = 'ended';
    this.#link.close();
  }

  #joined(event) {
    const { language, status, speaking: isSpeaking, listeners } = event;
    this.#states.set(language, event);
    this.#captionsOf(language).joined(event);
    Object.assign(this, { phase: 'open', isBegun: status !== 'created', isSpeaking, listeners });
    // What was asked for while this connection was being made.
    if (language !== this.language) this.setLanguage(this.language);
    if (this.#hasAudio !== this.#wantsAudio) this.setAudio(this.#wantsAudio);
  }

  #completed(event) {
    const { language } = event;
    const isNew = this.#captionsOf(language).completed(event);
    if (isNew && language === this.language) this.#tell('said', event);
  }

  #spoken(isSpeaking, stopReason) {
    Object.assign(this, { isBegun: true, isSpeaking, stopReason });
  }

  #captionsOf(language) {
    if (!this.#captions.has(language)) this.#captions.set(language, new CaptionList());
    return this.#captions.get(language);
  }

  #watchSleep() {
    const { signal } = this.#closing;
    let hiddenAt = 0;
    const look = () => {
      if (document.hidden) hiddenAt = Date.now();
      else if (Date.now() - hiddenAt > SLEEP_MS) this.#renew();
    };
    document.addEventListener('visibilitychange', look, { signal });
    addEventListener('online', () => this.#renew(), { signal });
    const timer = setInterval(() => {
      if (this.phase === 'open' && Date.now() - this.#heardAt > SILENCE_MS) this.#renew();
    }, 5_000);
    signal.addEventListener('abort', () => clearInterval(timer));
  }

  #become(phase) {
    this.phase = phase;
    this.#tell('change');
  }

  #tell(type, detail) {
    this.dispatchEvent(new CustomEvent(type, { detail }));
  }
}
