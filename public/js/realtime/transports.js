import { ConnectionError } from './connection-error.js';

/**
 * @typedef {import('./types.js').BrokerAPI} BrokerAPI
 * @typedef {import('./types.js').MintedSession} MintedSession
 * @typedef {import('./types.js').Transport} Transport
 * @typedef {(listener: import('./types.js').TransportListener) => Transport} TransportMaker
 * @typedef {object} Parts
 * @property {BrokerAPI} api
 * @property {() => import('../audio/player.js').Player} player
 * @property {boolean} [callsUpstream]
 */

/**
 * Makes transports of a kind. What one needs is loaded with the first of them.
 *
 * @param {Transport['kind']} kind
 * @param {Parts} parts
 * @returns {Promise<TransportMaker>}
 */
export function transportMaker(kind, parts) {
  const loading = kind === 'webrtc' ? callMaker(parts) : relayMaker(parts);
  const unreachable = new ConnectionError('unreachable', 'The broker cannot be reached.');
  return loading.catch(() => Promise.reject(unreachable));
}

/**
 * @param {Parts} parts
 * @returns {Promise<TransportMaker>}
 */
async function relayMaker({ player }) {
  const [{ RelaySocket }] = await Promise.all([
    import('./relay-socket.js'), import('./function-calls.js'),
  ]);
  return (listener) => new RelaySocket(player(), listener);
}

/**
 * @param {Parts} parts
 * @returns {Promise<TransportMaker>}
 */
async function callMaker({ api, callsUpstream }) {
  const [{ callUpstream, WebRTCCall }] = await Promise.all([
    import('./webrtc-call.js'), import('./renewal.js'), import('./reports.js'),
    import('./function-calls.js'), import('./retelling.js'),
  ]);
  /**
   * @param {MintedSession} session
   * @param {string} offer
   */
  const call = async (session, offer) => {
    if (!callsUpstream) return api.makeCall(session.id, offer);
    const { answer, callID } = await callUpstream(session, offer);
    await api.followCall(session.id, callID);
    return answer;
  };
  return (listener) => new WebRTCCall(call, listener);
}
