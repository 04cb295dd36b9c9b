import { ConnectionError } from './connection-error.js';
import { turnDetection } from './events.js';
import { RelaySocket } from './relay-socket.js';
import { callUpstream, WebRTCCall } from './webrtc-call.js';

/**
 * @typedef {import('./types.js').StartOptions} StartOptions
 * @typedef {import('./types.js').MintedSession} MintedSession
 * @typedef {object} Connection
 * @property {MintedSession} session
 * @property {import('./types.js').Transport} transport
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
   * @param {(connection: Connection) => import('./types.js').TransportListener} makeListener
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
    return this.#makeConnection('websocket', session, options);
  }

  /**
   * @param {Connection['transport']['kind']} kind
   * @param {StartOptions} options
   * @param {object} carriedOn
   * @param {AbortSignal} signal
   * @param {(connection: Connection) => void} onMinted
   */
  async #openAs(kind, options, carriedOn, signal, onMinted) {
    const session = await this.#api.startSession(mintRequest(kind, options, carriedOn));
    const connection = this.#makeConnection(kind, session, options);
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
   * @param {string} kind
   * @param {MintedSession} session
   * @param {StartOptions} options
   */
  #makeConnection(kind, session, options) {
    const connection = /** @type {Connection} */ ({ session, endsAtMs: null });
    const listener = this.#makeListener(connection);
    connection.transport = kind === 'webrtc'
      ? new WebRTCCall((session, offer) => this.#call(session, offer, options), listener)
      : new RelaySocket(this.#player(), listener);
    connection.transport.sendsWhileOpenOnly = options.turnDetection === 'push_to_talk';
    return connection;
  }

  /**
   * @param {MintedSession} session
   * @param {string} offer
   * @param {StartOptions} options
   */
  async #call(session, offer, { callsUpstream }) {
    if (!callsUpstream) return this.#api.makeCall(session.id, offer);
    const { answer, callID } = await callUpstream(session, offer);
    await this.#api.followCall(session.id, callID);
    return answer;
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
