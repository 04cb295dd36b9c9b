import { Backoff } from '../realtime/backoff.js';
import { CaptionList } from './captions.js';
import { SocketLink } from './socket-link.js';

/** A connection that lasted so long was a good one: the next pause is short again. */
const GOOD_MS = 3_000;
/** After so long a sleep nobody knows whether the connection is still there. */
const SLEEP_MS = 20_000;

/**
 * One who listens: by a WebSocket, or by server-sent events where those are blocked. A connection
 * that is lost is made again, without end, and goes on behind the last event that came.
 *
 * `phase` is `connecting`, `open`, `reconnecting`, `ended` or `refused`; then `problem` says why.
 * Tells `change`, `said` with each caption (`{detail}`) that is completed while one listens, and
 * `voice` with pieces of the translation's voice in Base64.
 */
export class BroadcastListener extends EventTarget {
  phase = 'connecting';
  problem = null;
  language;
  isBegun = false;
  isSpeaking = false;
  /** Why nobody speaks, if that is known. */
  stopReason = null;
  listeners = 0;
  #id;
  #token;
  #check;
  #wantsAudio = false;
  #captions = new Map();
  #states = new Map();
  #backoff = new Backoff();
  #closing = new AbortController();
  /** Ends a pause: the next connection is wanted at once. */
  #waking = new AbortController();
  #link = null;
  /** Whether WebSockets get through; unknown until something did. */
  #canSocket = null;

  /** `check({signal})` asks for the broadcast, and throws when one may not listen to it. */
  constructor({ id, language, token = '', check }) {
    super();
    this.#id = id;
    this.language = language;
    this.#token = token;
    this.#check = check;
    this.#watchSleep();
    this.#run();
  }

  /** The captions of the language that is listened to. */
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
    this.#changed();
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
        if (this.phase === 'open') this.#setPhase('reconnecting');
      if (Date.now() - startedAt > GOOD_MS && wasOpen) this.#backoff.reset();
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
    const wasOpen = module !== null && (await this.#use(module.StreamLink));
    // What a socket never could while this can, it will not be able to later.
    if (wasOpen) this.#canSocket = false;
    return wasOpen;
  }

  #use(Link) {
    this.#link = new Link(this.#id, {
      token: this.#token,
      language: this.language,
      after: this.captions.mark ?? '',
      audio: this.#wantsAudio ? '1' : '',
      onEvent: (event) => this.#take(event),
    });
    return this.#link.done;
  }

  /** No connection came about: the broadcast may be gone, or the token replaced. */
  async #askWhy() {
    try {
      await this.#check({ signal: this.#closing.signal });
    } catch (error) {
      if (![401, 404].includes(error.status)) return;
      this.problem = error;
      this.#setPhase('refused');
    }
  }

  #take(event) {
    const { type, language } = event;
    if (type === 'broadcast.joined') this.#joined(event);
    else if (type === 'segment.completed') this.#completed(event);
    else if (type === 'segment.delta') this.#captionsOf(language).delta(event);
    else if (type === 'language.status') this.#states.set(language, event);
    else if (type === 'presence') this.listeners = event.listeners;
    else if (type === 'speaker.started') this.#spoken(true);
    // Who takes a speaker's place speaks in a moment.
    else if (type === 'speaker.stopped' && event.reason !== 'replaced') this.#spoken(false, event);
    else if (type === 'broadcast.ended') this.#end();
    else if (type === 'audio.delta' && language === this.language) this.#tell('voice', event.delta);
    this.#changed();
  }

  #joined(event) {
    this.#states.set(event.language, event);
    this.#captionsOf(event.language).joined(event);
    this.isBegun = event.status !== 'created';
    this.isSpeaking = event.speaking;
    this.listeners = event.listeners;
    this.phase = 'open';
    // What was asked for while this connection was being made.
    if (event.language !== this.language) this.setLanguage(this.language);
  }

  #completed(event) {
    const isNew = this.#captionsOf(event.language).completed(event);
    if (isNew && event.language === this.language) this.#tell('said', event);
  }

  #spoken(isSpeaking, { reason = null } = {}) {
    Object.assign(this, { isSpeaking, stopReason: reason, isBegun: true });
  }

  #end() {
    this.isSpeaking = false;
    this.phase = 'ended';
    this.#link.close();
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
      else if (Date.now() - hiddenAt > SLEEP_MS && this.phase === 'open') this.#renew();
    };
    document.addEventListener('visibilitychange', look, { signal });
    addEventListener('online', () => this.#renew(), { signal });
  }

  #setPhase(phase) {
    this.phase = phase;
    this.#changed();
  }

  #changed() {
    this.dispatchEvent(new Event('change'));
  }

  #tell(type, detail) {
    this.dispatchEvent(new CustomEvent(type, { detail }));
  }
}
