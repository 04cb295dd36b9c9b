import { ConnectionError } from './connection-error.js';
import { turnDetection } from './events.js';
import { transportMaker } from './transports.js';

/**
 * @typedef {import('./types.js').StartOptions} StartOptions
 * @typedef {import('./types.js').MintedSession} MintedSession
 * @typedef {import('./types.js').Transport} Transport
 * @typedef {import('./types.js').TransportListener} TransportListener
 * @typedef {object} Connection
 * @property {MintedSession} session
 * @property {Transport} transport
 * @property {number|null} endsAtMs when upstream's session ends
 * @typedef {Transport['kind']} Kind
 * @typedef {(connection: Connection) => void} OnMinted called before it is connected
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
   * @param {AbortSignal} signal
   * @param {OnMinted} onMinted
   * @returns {Promise<Connection>} with a transport that is connected
   */
  async open(options, signal, onMinted) {
    const [kind, ...others] = await this.#kinds(options.transport ?? 'auto');
    const mint = () => this.#api.startSession(mintRequest(kind, options));
    return this.#openOr(others, kind, mint, options, signal, onMinted);
  }

  /**
   * Carries a session on in its next one, which has the same conversation and settings and greets
   * nobody: the broker knows them.
   *
   * @param {MintedSession} previous
   * @param {StartOptions} options
   * @param {AbortSignal} signal
   * @param {OnMinted} onMinted
   * @returns {Promise<Connection>} with a transport that is connected
   */
  async carryOn(previous, options, signal, onMinted) {
    const mayChange = previous.transport === 'webrtc' && (options.transport ?? 'auto') === 'auto';
    const others = mayChange ? [/** @type {const} */ ('websocket')] : [];
    const mint = () => this.#api.renewSession(previous.id);
    const quiet = { ...options, greeting: null };
    return this.#openOr(others, previous.transport, mint, quiet, signal, onMinted);
  }

  /**
   * Another connection to a session that can be resumed, which is to be connected with a position.
   *
   * @param {MintedSession} session
   * @param {import('./transports.js').TransportMaker} makeTransport
   * @param {StartOptions} options
   */
  again(session, makeTransport, options) {
    return this.#makeConnection(session, options, makeTransport);
  }

  /**
   * Opens a session by one transport, and where that is blocked, another one of the same conversation
   * by the next.
   *
   * @param {Kind[]} others
   * @param {Kind} kind
   * @param {() => Promise<MintedSession>} mint
   * @param {StartOptions} options
   * @param {AbortSignal} signal
   * @param {OnMinted} onMinted
   */
  async #openOr([other], kind, mint, options, signal, onMinted) {
    try {
      return await this.#openAs(kind, mint, options, signal, onMinted);
    } catch (error) {
      if (signal.aborted || !isBlocked(error) || !other) throw error;
      this.#isBlocked = true;
      const same = { ...options, conversation_id: error.conversationID };
      const mintOther = () => this.#api.startSession(mintRequest(other, same));
      return this.#openAs(other, mintOther, options, signal, onMinted);
    }
  }

  /**
   * @param {Kind} kind
   * @param {() => Promise<MintedSession>} mint
   * @param {StartOptions} options
   * @param {AbortSignal} signal
   * @param {OnMinted} onMinted
   */
  async #openAs(kind, mint, options, signal, onMinted) {
    const parts = { api: this.#api, player: this.#player, callsUpstream: options.callsUpstream };
    const makeTransport = await transportMaker(kind, parts);
    const session = await mint();
    const connection = this.#makeConnection(session, options, makeTransport);
    try {
      signal.throwIfAborted();
      onMinted(connection);
      await connection.transport.connect(session);
      signal.throwIfAborted();
      return connection;
    } catch (error) {
      connection.transport.close();
      const ending = this.#api.endSession(session.id).catch(() => {});
      if (isBlocked(error)) {
        error.conversationID = session.conversation_id;
        // Its greeting, which nobody heard, is gone then: the next session is to know nothing of it.
        await ending;
      }
      throw error;
    }
  }

  /**
   * @param {'auto'|Kind} wanted
   * @returns {Promise<Kind[]>}
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
}

/**
 * @param {unknown} error
 * @returns {error is ConnectionError}
 */
const isBlocked = (error) => error instanceof ConnectionError && error.code === 'webrtc_blocked';

/**
 * @param {Kind} transport
 * @param {StartOptions} options
 */
function mintRequest(transport, options) {
  const { turnDetection: mode, isTyped, deviceID, functions, callsUpstream, ...fields } = options;
  const session = /** @type {any} */ (fields).session ?? {};
  const input = mode && { turn_detection: turnDetection(mode) };
  return {
    ...fields,
    transport,
    session: {
      ...session,
      ...(isTyped && { output_modalities: ['text'] }),
      ...(input && { audio: { ...session.audio, input: { ...session.audio?.input, ...input } } }),
    },
  };
}
