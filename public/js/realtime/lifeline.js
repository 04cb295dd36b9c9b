import { Backoff } from './backoff.js';
import { Connector } from './connector.js';
import { endings, explain, isTemporary, takenOver } from './plain-words.js';
import { retry } from './retry.js';

const TICK_MS = 1_000;
const NORMAL_CLOSURE = 1000;
const TAKEN_OVER_CODE = 4409;
/** A session that cannot be resumed after so many tries is carried on by a new one. */
const RESUMES = 4;
/** A connection that holds so long is a good one: the next loss starts with short pauses again. */
const STABLE_MS = 10_000;
/** After so long a sleep, nobody may be at the other end any more. */
const SLEEP_MS = 20_000;
/** A broker that does not say why a connection ended by then is connected to again. */
const REASON_MS = 2_500;

/**
 * @typedef {import('./connector.js').Connection} Connection
 * @typedef {import('./types.js').RealtimeEvent} RealtimeEvent
 * @typedef {import('./types.js').LifelineHost} Host
 */

/**
 * Keeps one conversation connected: opens sessions, resumes them when the network was gone, carries
 * them on in new ones when they cannot be resumed, and renews calls before upstream ends them.
 */
export class Lifeline {
  #api;
  #host;
  #connector;
  #backoff = new Backoff();
  /** @type {import('./types.js').StartOptions} */
  #options = {};
  /** @type {Connection|null} */
  #connection = null;
  #isReady = false;
  #readyAtMs = 0;
  /** @type {string|null} */
  #lastEventID = null;
  /** @type {import('./renewal.js').Renewal|null} */
  #renewal = null;
  /** @type {ReturnType<typeof setInterval>|undefined} */
  #ticker;
  #tickedAtMs = 0;
  #wasHidden = false;
  #running = new AbortController();

  /**
   * @param {import('./types.js').BrokerAPI} api
   * @param {Host} host
   */
  constructor(api, host) {
    this.#api = api;
    this.#host = host;
    this.#connector = new Connector(api, host.player, (it) => this.#listener(it));
  }

  get transport() {
    return this.#connection?.transport ?? null;
  }

  /** When upstream's session ends; null where that is of no concern. */
  get endsAtMs() {
    return this.#renewal?.endsAtMs ?? null;
  }

  /** @param {import('./types.js').StartOptions} options */
  async open(options) {
    this.close();
    this.#options = options;
    this.#running = new AbortController();
    this.#backoff.reset();
    this.#tickedAtMs = Date.now();
    this.#wasHidden = document.hidden;
    this.#ticker = setInterval(() => this.#tick(), TICK_MS);
    document.addEventListener('visibilitychange', this.#awake);
    await this.#beginFirst(this.#running.signal);
  }

  /** @param {RealtimeEvent} event */
  send(event) {
    return this.#isReady && (this.#connection?.transport.send(event) ?? false);
  }

  /** Ends all of it without a word; may be called twice. */
  close() {
    this.#running.abort();
    clearInterval(this.#ticker);
    document.removeEventListener('visibilitychange', this.#awake);
    this.#connection?.transport.close();
    this.#connection = null;
    this.#isReady = false;
    this.#endRenewal();
  }

  /**
   * A secret may expire on the way, as when the machine sleeps: it is worth a second one.
   *
   * @param {AbortSignal} signal
   */
  async #beginFirst(signal) {
    try {
      await this.#open(this.#options, signal);
    } catch (error) {
      const id = this.#connection?.session.conversation_id;
      if (signal.aborted || !id || !isTemporary(error)) throw error;
      // It is still to be greeted in.
      await this.#open({ ...this.#options, conversation_id: id }, signal);
    }
  }

  /**
   * @param {import('./types.js').StartOptions} options
   * @param {AbortSignal} signal
   */
  async #open(options, signal) {
    await this.#begin((onMinted) => this.#connector.open(options, signal, onMinted));
  }

  /** A sleeping tab's timers come late. */
  #awake = () => this.#tick();

  /** @param {(onMinted: import('./connector.js').OnMinted) => Promise<Connection>} open */
  async #begin(open) {
    const previous = this.#connection;
    const connection = await open((minted) => {
      this.#connection = minted;
      this.#lastEventID = null;
      this.#host.minted(minted.session);
    });
    if (previous) this.#drop(previous);
    await this.#becomeReady(connection, false);
  }

  /**
   * @param {Connection} connection
   * @param {boolean} isResumed
   */
  async #becomeReady(connection, isResumed) {
    await connection.transport.listenTo(this.#host.microphone());
    if (connection !== this.#connection) return connection.transport.close();
    this.#isReady = true;
    this.#readyAtMs = Date.now();
    this.#startRenewal(connection);
    this.#host.ready(isResumed);
  }

  /** @param {Connection} connection */
  #listener(connection) {
    const isCurrent = () => connection === this.#connection;
    return {
      onEvent: (/** @type {RealtimeEvent} */ event) => this.#received(connection, event),
      onPlaying: (/** @type {boolean} */ it) => void (isCurrent() && this.#host.playing(it)),
      onClose: (/** @type {{code: number, reason: string}} */ closure) => {
        if (isCurrent()) this.#closed(closure);
        else this.#renewal?.forget(connection);
      },
    };
  }

  /**
   * @param {Connection} connection
   * @param {RealtimeEvent} event
   */
  #received(connection, event) {
    if (event.type === 'session.created') {
      connection.endsAtMs = event.session.expires_at * 1_000 || null;
      if (connection === this.#connection && this.#isReady) this.#startRenewal(connection);
    }
    if (connection !== this.#connection) return;
    if (event.event_id) this.#lastEventID = event.event_id;
    this.#host.received(event);
  }

  /** @param {{code: number, reason: string}} closure */
  async #closed({ code, reason }) {
    const { signal } = this.#running;
    this.#isReady = false;
    this.#endRenewal();
    // What the relay has sent is still played to its end; a call falls silent.
    if (this.transport?.kind === 'webrtc') this.#host.playing(false);
    this.#host.lost();
    if (code === TAKEN_OVER_CODE) return this.#host.failed(takenOver);
    const why = code === NORMAL_CLOSURE ? reason : await this.#endReason();
    if (signal.aborted) return;
    const ending = endings[why ?? ''];
    if (ending) return this.#host.ended(ending);
    await this.#reconnect(signal);
  }

  /** Why the broker says that the session is over; null if it is not, or the broker is gone. */
  async #endReason() {
    const id = this.#connection?.session.id ?? '';
    const late = new Promise((resolve) => setTimeout(() => resolve(null), REASON_MS));
    const reason = this.#api.getSession(id).then((session) => session.end_reason, () => null);
    return Promise.race([reason, late]);
  }

  /** @param {AbortSignal} signal */
  async #reconnect(signal) {
    try {
      await retry(this.#backoff, signal, () => this.#again(signal));
    } catch (error) {
      if (!signal.aborted) this.#host.failed(explain(error));
    }
  }

  /** @param {AbortSignal} signal */
  async #again(signal) {
    if (!this.#connection) return;
    const { session, transport } = this.#connection;
    const successor = transport.successor?.bind(transport);
    if (successor && this.#backoff.tries <= RESUMES) {
      const { status } = await this.#api.getSession(session.id);
      signal.throwIfAborted();
      if (status === 'active') return this.#resume(session, successor, signal);
    }
    await this.#begin((onMinted) =>
      this.#connector.carryOn(session, this.#options, signal, onMinted));
  }

  /**
   * @param {import('./types.js').MintedSession} session
   * @param {import('./transports.js').TransportMaker} makeTransport
   * @param {AbortSignal} signal
   */
  async #resume(session, makeTransport, signal) {
    const connection = this.#connector.again(session, makeTransport, this.#options);
    this.#connection = connection;
    try {
      await connection.transport.connect(session, { lastEventID: this.#lastEventID });
    } catch (error) {
      connection.transport.close();
      throw error;
    }
    if (signal.aborted) return connection.transport.close();
    await this.#becomeReady(connection, true);
  }

  #tick() {
    const hasSlept = Date.now() - this.#tickedAtMs > SLEEP_MS;
    const wasHidden = this.#wasHidden;
    this.#tickedAtMs = Date.now();
    this.#wasHidden = document.hidden;
    if (!this.#isReady) return;
    if (hasSlept && !document.hidden) {
      if (!wasHidden) return this.transport?.lose?.();
      // A page that nobody saw may only seem to have slept: browsers slow its timers.
      this.transport?.check?.();
    }
    if (Date.now() - this.#readyAtMs > STABLE_MS) this.#backoff.reset();
    this.#renewal?.tick();
  }

  /** @param {Connection} connection */
  async #startRenewal(connection) {
    this.#endRenewal();
    const { session, transport, endsAtMs } = connection;
    // The broker renews relayed sessions by itself.
    if (transport.kind !== 'webrtc' || endsAtMs === null) return;
    // It came with the call.
    const { Renewal } = await import('./renewal.js');
    if (connection !== this.#connection || !this.#isReady) return;
    // A call is followed by a call: the relay is for when there is none.
    const options = { ...this.#options, transport: transport.kind };
    const calls = {
      open: (/** @type {AbortSignal} */ signal) => {
        this.#host.renewing();
        return this.#connector.carryOn(session, options, signal, () => {});
      },
      isQuiet: () => this.#host.isQuiet(),
      takeOver: (/** @type {Connection} */ next) => void this.#takeOver(next),
      drop: (/** @type {Connection} */ dropped) => this.#drop(dropped),
    };
    this.#endRenewal();
    this.#renewal = new Renewal(calls, endsAtMs);
  }

  #endRenewal() {
    this.#renewal?.close();
    this.#renewal = null;
  }

  /** @param {Connection} next */
  async #takeOver(next) {
    const previous = this.#connection;
    this.#connection = next;
    this.#host.playing(false);
    this.#host.minted(next.session);
    this.#host.renewed();
    if (previous) this.#drop(previous);
    await this.#becomeReady(next, false);
  }

  /** @param {Connection} connection */
  #drop({ transport, session }) {
    transport.close();
    // If the broker cannot be told, it will notice by itself.
    this.#api.endSession(session.id).catch(() => {});
  }
}
