import { socketAddress } from './events.js';

// Browsers cannot set headers on a WebSocket; upstream takes the key as a subprotocol instead.
const KEY_SUBPROTOCOL = 'openai-insecure-api-key.';
const NORMAL_CLOSURE = 1000;

/**
 * A transport: connect, send, close. This one is a WebSocket straight to upstream, opened with a
 * minted client secret.
 */
export class UpstreamSocket {
  #socket = null;
  #onEvent;
  #onClose;

  /** `onEvent(event)` gets each server event; `onClose({code, reason})` an end that is not ours. */
  constructor({ onEvent, onClose }) {
    this.#onEvent = onEvent;
    this.#onClose = onClose;
  }

  connect({ url, model, secret }) {
    const socket = new WebSocket(socketAddress(url, model), ['realtime', KEY_SUBPROTOCOL + secret]);
    socket.addEventListener('message', ({ data }) => {
      if (socket === this.#socket) this.#onEvent(JSON.parse(data));
    });
    socket.addEventListener('close', ({ code, reason }) => {
      if (socket !== this.#socket) return;
      this.#socket = null;
      this.#onClose({ code, reason });
    });
    this.#socket = socket;
  }

  get isOpen() {
    return this.#socket?.readyState === WebSocket.OPEN;
  }

  send(event) {
    this.#socket.send(JSON.stringify(event));
  }

  /** Closes without a word to `onClose`; may be called twice. */
  close() {
    const socket = this.#socket;
    this.#socket = null;
    socket?.close(NORMAL_CLOSURE);
  }
}
