import { ConnectionError } from './connection-error.js';
import { turnDetection } from './events.js';
import { RelaySocket } from './relay-socket.js';

/**
 * @typedef {import('./types.js').StartOptions} StartOptions
 * @typedef {import('./types.js').MintedSession} MintedSession
 * @typedef {import('./types.js').Transport} Transport
 * @typedef {import('./types.js').TransportListener} TransportListener
 * @typedef {object} Connection
 * @property {MintedSession} session
 * @property {Transport} transport
 * @property {number|null} endsAtMs when upstream's session ends
 */

/** Mints sessions and connects to them: by WebRTC first, by the relay where that is blocked. */
export class Connector {
  #api;
  #player;
  #makeListener;
  #isBlocked = false;

  /**
   * @param {import('./types.js').BrokerAPI} api
   * @param {() => import('../audio/player.js').Player} player
   * @param {(connection: Connection) => TransportListener} makeListener
   */
  constructor(api, player, makeListener) {
    this.#api = api;
    this.#player = player;
    this.#makeListener = makeListener;
  }

  /**
   * @param {StartOptions} options
   * @param {{conversation_id?: string}} carriedOn what a session that carries another one on has
   * @param {AbortSignal} signal
   * @param {(connection: Connection) => void} onMinted called before it is connected
   * @returns {Promise<Connection>} with a transport that is connected
   */
  async open(options, carriedOn, signal, onMinted) {
    const [kind, ...others] = await this.#kinds(options.transport ?? 'auto');
    try {
      return await this.#openAs(kind, options, carriedOn, signal, onMinted);
    } catch (error) {
      const isBlocked = error instanceof ConnectionError && error.code === 'webrtc_blocked';
      if (!isBlocked || others.length === 0) throw error;
      this.#isBlocked = true;
      const conversation = { conversation_id: error.conversationID };
      return this.#openAs(others[0], options, { ...carriedOn, ...conversation }, signal, onMinted);
    }
  }

  /**
   * Another connection to a session of the relay, which is to be connected with a position.
   *
   * @param {MintedSession} session
   * @param {StartOptions} options
   */
  again(session, options) {
    return this.#makeConnection(session, options, (it) => this.#relay(it));
  }

  /**
   * @param {Connection['transport']['kind']} kind
   * @param {StartOptions} options
   * @param {object} carriedOn
   * @param {AbortSignal} signal
   * @param {(connection: Connection) => void} onMinted
   */
  async #openAs(kind, options, carriedOn, signal, onMinted) {
    const makeTransport = await this.#transportMaker(kind, options);
    const session = await this.#api.startSession(mintRequest(kind, options, carriedOn));
    const connection = this.#makeConnection(session, options, makeTransport);
    try {
      signal.throwIfAborted();
      onMinted(connection);
      await connection.transport.connect(session);
      signal.throwIfAborted();
      return connection;
    } catch (error) {
      connection.transport.close();
      if (error instanceof ConnectionError) error.conversationID = session.conversation_id;
      this.#api.endSession(session.id).catch(() => {});
      throw error;
    }
  }

  /**
   * @param {'auto'|'webrtc'|'websocket'} wanted
   * @returns {Promise<('webrtc'|'websocket')[]>}
   */
  async #kinds(wanted) {
    if (wanted !== 'auto') return [wanted];
    if (this.#isBlocked || !('RTCPeerConnection' in globalThis)) return ['websocket'];
    // The built-in simulator answers offers, but nobody is at the other end of its calls.
    const { upstream } = await this.#api.health();
    return upstream.kind === 'simulator' ? ['websocket'] : ['webrtc', 'websocket'];
  }

  /**
   * @param {MintedSession} session
   * @param {StartOptions} options
   * @param {(listener: TransportListener) => Transport} makeTransport
   */
  #makeConnection(session, options, makeTransport) {
    const connection = /** @type {Connection} */ ({ session, endsAtMs: null });
    connection.transport = makeTransport(this.#makeListener(connection));
    connection.transport.sendsWhileOpenOnly = options.turnDetection === 'push_to_talk';
    return connection;
  }

  /** @param {TransportListener} listener */
  #relay(listener) {
    return new RelaySocket(this.#player(), listener);
  }

  /**
   * What calls need is loaded with the first of them.
   *
   * @param {string} kind
   * @param {StartOptions} options
   * @returns {Promise<(listener: TransportListener) => Transport>}
   */
  async #transportMaker(kind, { callsUpstream }) {
    if (kind !== 'webrtc') return (listener) => this.#relay(listener);
    const unreachable = new ConnectionError('unreachable', 'The broker cannot be reached.');
    const loaded = import('./webrtc-call.js').catch(() => Promise.reject(unreachable));
    const { callUpstream, WebRTCCall } = await loaded;
    /**
     * @param {MintedSession} session
     * @param {string} offer
     */
    const call = async (session, offer) => {
      if (!callsUpstream) return this.#api.makeCall(session.id, offer);
      const { answer, callID } = await callUpstream(session, offer);
      await this.#api.followCall(session.id, callID);
      return answer;
    };
    return (listener) => new WebRTCCall(call, listener);
  }
}

/**
 * @param {string} transport
 * @param {StartOptions} options
 * @param {object} carriedOn
 */
function mintRequest(transport, options, carriedOn) {
  const { turnDetection: mode, isTyped, deviceID, functions, callsUpstream, ...fields } = options;
  const session = /** @type {any} */ (fields).session ?? {};
  const input = mode && { turn_detection: turnDetection(mode) };
  return {
    ...fields,
    ...carriedOn,
    transport,
    session: {
      ...session,
      ...(isTyped && { output_modalities: ['text'] }),
      ...(input && { audio: { ...session.audio, input: { ...session.audio?.input, ...input } } }),
    },
  };
}
