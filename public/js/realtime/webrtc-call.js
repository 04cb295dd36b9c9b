import { ConnectionError } from './connection-error.js';
import { clearedOutput } from './events.js';

const CHANNEL_LABEL = 'oai-events';
/** Where UDP is blocked, nothing ever says so. */
const CONNECT_TIMEOUT_MS = 6_000;
/** A network that changes is often back within this. */
const DISCONNECTED_PATIENCE_MS = 2_000;
const LOST_CODE = 1006;
const ENDED_CODE = 1005;

/**
 * A transport: a WebRTC call whose media and events go between browser and upstream.
 *
 * The broker makes the call, or the browser itself with its minted key; the broker follows it.
 *
 * @implements {Transport}
 * @typedef {import('./types.js').Transport} Transport
 */
export class WebRTCCall {
  kind = /** @type {const} */ ('webrtc');
  truncatesItself = true;
  sendsWhileOpenOnly = false;
  #makeCall;
  #listener;
  #peer = new RTCPeerConnection();
  #channel = this.#peer.createDataChannel(CHANNEL_LABEL);
  #audio = this.#peer.addTransceiver('audio', { direction: 'sendrecv' });
  #speaker = new Audio();
  /** @type {ReturnType<typeof setTimeout>|undefined} */
  #patience;
  #isClosed = false;
  /** Ends the wait for a connection. */
  #giveUp = () => {};

  /**
   * @param {(session: import('./types.js').MintedSession, offer: string) => Promise<string>} makeCall
   * @param {import('./types.js').TransportListener} listener
   */
  constructor(makeCall, listener) {
    this.#makeCall = makeCall;
    this.#listener = listener;
    this.#speaker.autoplay = true;
  }

  /** @type {Transport['connect']} */
  async connect(session) {
    this.#channel.onmessage = ({ data }) => this.#received(JSON.parse(data));
    await this.#peer.setLocalDescription(await this.#peer.createOffer());
    const offer = this.#peer.localDescription?.sdp ?? '';
    const sdp = await this.#makeCall(session, offer);
    if (this.#isClosed) return;
    const opened = this.#opened();
    opened.catch(() => {});
    await this.#peer.setRemoteDescription({ type: 'answer', sdp });
    await opened;
    this.#peer.onconnectionstatechange = () => this.#connectionChanged();
    this.#channel.onclose = () => this.#lost(ENDED_CODE);
    if (this.#channel.readyState !== 'open') this.#lost(ENDED_CODE);
  }

  /**
   * Lets the call hear a microphone, and the user hear the call.
   *
   * @type {Transport['listenTo']}
   */
  async listenTo(microphone) {
    await this.#audio.sender.replaceTrack(microphone?.track ?? null);
    this.#speaker.srcObject = new MediaStream([this.#audio.receiver.track]);
    // Without a gesture of the user's, the browser waits for one.
    this.#speaker.play().catch(() => {});
  }

  /** @type {Transport['send']} */
  send(event) {
    if (this.#channel.readyState !== 'open') return false;
    this.#channel.send(JSON.stringify(event));
    return true;
  }

  /**
   * Upstream knows what was heard, and truncates by itself.
   *
   * @type {Transport['silence']}
   */
  async silence() {
    this.send(clearedOutput());
    return [];
  }

  get level() {
    const [source] = this.#audio.receiver.getSynchronizationSources();
    // Speech is rarely louder than a third of what is possible.
    return Math.min(1, (source?.audioLevel ?? 0) * 3);
  }

  close() {
    this.#isClosed = true;
    this.#giveUp();
    clearTimeout(this.#patience);
    this.#peer.onconnectionstatechange = null;
    this.#channel.onclose = null;
    this.#channel.onmessage = null;
    this.#peer.close();
    this.#speaker.srcObject = null;
  }

  #opened() {
    return new Promise((resolve, reject) => {
      const blocked = 'This network lets no WebRTC through.';
      const refuse = () => reject(new ConnectionError('webrtc_blocked', blocked));
      const timer = setTimeout(refuse, CONNECT_TIMEOUT_MS);
      this.#giveUp = () => {
        clearTimeout(timer);
        reject(new ConnectionError('closed', 'The call was given up.'));
      };
      this.#channel.onopen = () => {
        clearTimeout(timer);
        resolve(undefined);
      };
      this.#peer.onconnectionstatechange = () => {
        if (this.#peer.connectionState === 'failed') refuse();
      };
    });
  }

  #connectionChanged() {
    clearTimeout(this.#patience);
    const state = this.#peer.connectionState;
    if (state === 'failed' || state === 'closed') this.#lost(LOST_CODE);
    if (state !== 'disconnected') return;
    this.#patience = setTimeout(() => this.#lost(LOST_CODE), DISCONNECTED_PATIENCE_MS);
  }

  /** @param {number} code */
  #lost(code) {
    if (this.#isClosed) return;
    this.close();
    this.#listener.onClose({ code, reason: '' });
  }

  /** @param {import('./types.js').RealtimeEvent} event */
  #received(event) {
    if (event.type === 'output_audio_buffer.started') this.#listener.onPlaying(true);
    if (event.type === 'output_audio_buffer.stopped') this.#listener.onPlaying(false);
    if (event.type === 'output_audio_buffer.cleared') this.#listener.onPlaying(false);
    this.#listener.onEvent(event);
  }
}

/**
 * Makes the call straight at upstream, with the minted key.
 *
 * @param {import('./types.js').MintedSession} session
 * @param {string} offer
 * @returns {Promise<{answer: string, callID: string}>}
 */
export async function callUpstream({ url, client_secret: { value } }, offer) {
  const headers = { Authorization: `Bearer ${value}`, 'Content-Type': 'application/sdp' };
  const response = await fetch(url, { method: 'POST', headers, body: offer }).catch(() => null);
  if (response?.status !== 201) {
    throw new ConnectionError('unreachable', 'The upstream does not take the call.');
  }
  const location = response.headers.get('Location') ?? '';
  return { answer: await response.text(), callID: location.slice(location.lastIndexOf('/') + 1) };
}
