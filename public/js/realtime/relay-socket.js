import { fromBase64, toBase64 } from '../audio/pcm.js';
import { AnswerWatch } from './answer-watch.js';
import { ConnectionError } from './connection-error.js';
import { audioPiece, emptyUpdate } from './events.js';

// Browsers cannot set headers on a WebSocket; the broker takes the secret as a subprotocol instead.
const KEY_SUBPROTOCOL = 'openai-insecure-api-key.';
const NORMAL_CLOSURE = 1000;
/** For the broker: this client comes back. */
const COMES_BACK_CODE = 4408;
const LOST_CODE = 1006;
const CONNECT_TIMEOUT_MS = 10_000;
/** A network that is there again answers within this. */
const CHECK_PATIENCE_MS = 4_000;
/** With so much unsent, some 8 s of speech, nobody is at the other end any more. */
const UNSENT_LIMIT_BYTES = 512 * 1024;

/**
 * A transport: the broker's WebSocket relay, which carries events and audio.
 *
 * @implements {Transport}
 * @typedef {import('./types.js').Transport} Transport
 * @typedef {import('./types.js').RealtimeEvent} RealtimeEvent
 */
export class RelaySocket {
  kind = /** @type {const} */ ('websocket');
  truncatesItself = false;
  /** Whether sound goes out only while the microphone is open; else silence goes out, too. */
  sendsWhileOpenOnly = false;
  #player;
  #listener;
  /** @type {WebSocket|null} */
  #socket = null;
  /** @type {import('../audio/microphone.js').Microphone|null} */
  #microphone = null;
  /** Responses that the user talked over: what still comes of them is not played. */
  #silenced = new Set();
  /** @type {string|null} */
  #speaking = null;
  /**
   * The response that is being made: it may be silenced before it says anything.
   *
   * @type {string|null}
   */
  #responding = null;
  #watch = new AnswerWatch(() => this.lose());

  /**
   * @param {import('../audio/player.js').Player} player
   * @param {import('./types.js').TransportListener} listener
   */
  constructor(player, listener) {
    this.#player = player;
    this.#listener = listener;
  }

  /**
   * Another connection to the same session: what the user talked over stays silent.
   *
   * @param {import('./types.js').TransportListener} listener
   */
  successor(listener) {
    const next = new RelaySocket(this.#player, listener);
    next.#silenced = this.#silenced;
    next.#speaking = this.#speaking;
    next.#responding = this.#responding;
    return next;
  }

  /** @type {Transport['connect']} */
  connect(session, position) {
    const url = new URL(session.url);
    if (position) {
      url.searchParams.set('session_id', session.id);
      if (position.lastEventID) url.searchParams.set('last_event_id', position.lastEventID);
    }
    const secret = KEY_SUBPROTOCOL + session.client_secret.value;
    const socket = new WebSocket(url, ['realtime', secret]);
    this.#socket = socket;
    return this.#opened(socket);
  }

  /** @type {Transport['listenTo']} */
  async listenTo(microphone) {
    this.#microphone?.release();
    this.#microphone = microphone;
    await microphone?.capture((samples) => {
      if (this.sendsWhileOpenOnly && !microphone.isOpen) return;
      this.send(audioPiece(toBase64(samples)));
    });
  }

  /** @type {Transport['send']} */
  send(event) {
    const socket = this.#socket;
    if (socket?.readyState !== WebSocket.OPEN) return false;
    if (socket.bufferedAmount > UNSENT_LIMIT_BYTES) {
      this.lose();
      return false;
    }
    socket.send(JSON.stringify(event));
    this.#watch.sent(event);
    return true;
  }

  /** Asks for what is answered at once and changes nothing. */
  check() {
    if (this.send(emptyUpdate())) this.#watch.expect(CHECK_PATIENCE_MS);
  }

  /** @type {Transport['silence']} */
  silence() {
    for (const id of [this.#speaking, this.#responding]) if (id) this.#silenced.add(id);
    return this.#player.clear();
  }

  get level() {
    return this.#player.level;
  }

  close() {
    this.#leave(NORMAL_CLOSURE);
  }

  /** Gives the connection up, which is probably dead. */
  lose() {
    if (!this.#socket) return;
    this.#leave(COMES_BACK_CODE);
    this.#listener.onClose({ code: LOST_CODE, reason: 'network' });
  }

  /** @param {number} code */
  #leave(code) {
    const socket = this.#socket;
    this.#socket = null;
    this.#watch.stop();
    this.#microphone?.release();
    this.#microphone = null;
    socket?.close(code);
  }

  /**
   * Resolves with the first event of a session that goes on.
   *
   * @param {WebSocket} socket
   */
  #opened(socket) {
    return new Promise((resolve, reject) => {
      let isOpen = false;
      let lastError = 'The broker cannot be reached.';
      const late = 'The broker takes too long to answer.';
      const timer = setTimeout(() => this.#giveUp(socket, reject, late), CONNECT_TIMEOUT_MS);
      socket.onmessage = ({ data }) => {
        if (socket !== this.#socket) return;
        this.#watch.stop();
        const event = JSON.parse(data);
        if (event.type === 'error') lastError = event.error.message;
        this.#received(event);
        if (!isBeginning(event)) return;
        isOpen = true;
        clearTimeout(timer);
        resolve(undefined);
      };
      socket.onclose = ({ code, reason }) => {
        clearTimeout(timer);
        if (isOpen) return this.#closed(socket, code, reason);
        reject(new ConnectionError('unreachable', lastError));
      };
    });
  }

  /**
   * @param {WebSocket} socket
   * @param {(error: Error) => void} reject
   * @param {string} why
   */
  #giveUp(socket, reject, why) {
    if (socket === this.#socket) this.#leave(COMES_BACK_CODE);
    reject(new ConnectionError('unreachable', why));
  }

  /**
   * @param {WebSocket} socket
   * @param {number} code
   * @param {string} reason
   */
  #closed(socket, code, reason) {
    if (socket !== this.#socket) return;
    this.close();
    this.#listener.onClose({ code, reason });
  }

  /** @param {RealtimeEvent} event */
  #received(event) {
    if (event.type === 'response.created') this.#responding = event.response.id;
    if (event.type === 'response.output_audio.delta') this.#play(event);
    if (event.type === 'response.output_audio.done') this.#player.finish();
    if (event.type === 'response.done') this.#done(event.response.id);
    this.#listener.onEvent(event);
  }

  /** @param {string} response */
  #done(response) {
    this.#silenced.delete(response);
    if (this.#responding === response) this.#responding = null;
  }

  /** @param {RealtimeEvent} event */
  #play({ response_id: response, item_id: item, content_index: index, delta }) {
    if (this.#silenced.has(response)) return;
    this.#speaking = response;
    this.#player.play(item, index, fromBase64(delta));
  }
}

/** @param {RealtimeEvent} event */
const isBeginning = ({ type, resumed }) =>
  type === 'session.created' || (type === 'broker.session' && resumed);
