import { LevelMeter } from './level-meter.js';
import { notLoaded } from '../not-loaded.js';

const WORKLET_URL = new URL('./worklets/capture-processor.js', import.meta.url);

const WANTED = { echoCancellation: true, noiseSuppression: true, autoGainControl: true };

/** Why there is no microphone: `refused`, `missing` or `busy`. */
export class MicrophoneError extends Error {
  /**
   * @param {'refused'|'missing'|'busy'} code
   * @param {string} message
   */
  constructor(code, message) {
    super(message);
    this.code = code;
  }
}

/** One microphone, from when the user lets us have it until it is closed. */
export class Microphone {
  #context;
  #source;
  #meter;
  /** @type {AudioWorkletNode|null} */
  #capture = null;
  stream;

  /** @param {MediaStream} stream */
  constructor(stream) {
    this.stream = stream;
    this.#context = new AudioContext({ latencyHint: 'interactive' });
    this.#source = this.#context.createMediaStreamSource(stream);
    this.#meter = new LevelMeter(this.#source);
    this.#context.resume().catch(() => {});
  }

  /**
   * Asks the user, if need be.
   *
   * @param {string} deviceID empty for the default one
   * @returns {Promise<Microphone>}
   * @throws {MicrophoneError}
   */
  static async open(deviceID = '') {
    try {
      const device = deviceID && { deviceId: { exact: deviceID } };
      const stream = await askFor({ ...WANTED, ...device });
      return opened(stream);
    } catch (error) {
      // The one that was chosen once may be gone; better another one than none.
      const isGone = /** @type {Error} */ (error).name === 'OverconstrainedError';
      if (isGone && deviceID !== '') return Microphone.open();
      throw explained(/** @type {Error} */ (error));
    }
  }

  get #isClosed() {
    return this.#context.state === 'closed';
  }

  get track() {
    return this.stream.getAudioTracks()[0];
  }

  /** From 0, silence, to 1, loud. */
  get level() {
    return this.track.enabled ? this.#meter.level : 0;
  }

  /** Whether it hears; a closed ear is silence, so that upstream can end the turn. */
  get isOpen() {
    return this.track.enabled;
  }

  set isOpen(isOpen) {
    this.track.enabled = isOpen;
  }

  /** @param {(samples: Int16Array) => void} onSamples gets PCM at 24 kHz, 40 ms at a time */
  async capture(onSamples) {
    const loading = this.#context.audioWorklet.addModule(WORKLET_URL);
    await loading.catch(() => this.#isClosed || notLoaded());
    if (this.#isClosed) return;
    this.release();
    const node = new AudioWorkletNode(this.#context, 'capture', {
      numberOfOutputs: 0,
      channelCount: 1,
      channelCountMode: 'explicit',
    });
    node.port.onmessage = ({ data }) => onSamples(data);
    this.#source.connect(node);
    this.#capture = node;
  }

  /** Goes on after a sleep, or a call that took the device. */
  wake() {
    if (!this.#isClosed) this.#context.resume().catch(() => {});
  }

  /** Ends what `capture` began. */
  release() {
    if (!this.#capture) return;
    this.#source.disconnect(this.#capture);
    this.#capture.port.onmessage = null;
    this.#capture = null;
  }

  /** The light goes off. */
  close() {
    this.release();
    this.#meter.disconnect();
    for (const track of this.stream.getTracks()) track.stop();
    if (!this.#isClosed) this.#context.close();
  }
}

/**
 * A device that cannot be used is let go again.
 *
 * @param {MediaStream} stream
 */
function opened(stream) {
  try {
    return new Microphone(stream);
  } catch (error) {
    for (const track of stream.getTracks()) track.stop();
    throw error;
  }
}

/** The microphones that the user may choose from; named only once one was let us have. */
export async function listMicrophones() {
  const devices = (await navigator.mediaDevices?.enumerateDevices()) ?? [];
  return devices.filter(({ kind, deviceId }) => kind === 'audioinput' && deviceId !== '');
}

/** @param {MediaTrackConstraints} audio */
function askFor(audio) {
  // Browsers have no microphone for pages that come unprotected over a network.
  if (!navigator.mediaDevices) throw new DOMException('', 'SecurityError');
  return navigator.mediaDevices.getUserMedia({ audio });
}

/** @param {Error} error */
function explained({ name }) {
  if (name === 'NotAllowedError') {
    const how = 'Allow it in the browser’s address bar, then try again.';
    return new MicrophoneError('refused', `The browser does not let this page hear you. ${how}`);
  }
  if (name === 'SecurityError') {
    const how = 'Open it by https, or on this machine.';
    return new MicrophoneError('refused', `Browsers let only protected pages hear you. ${how}`);
  }
  if (name === 'NotFoundError' || name === 'OverconstrainedError') {
    return new MicrophoneError('missing', 'No microphone was found. Plug one in, then try again.');
  }
  return new MicrophoneError('busy', 'The microphone cannot be used: another program may have it.');
}
