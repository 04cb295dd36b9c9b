import { query } from '../request-parts.js';

// A browser's WebSocket has no headers; the broker takes the token as a subprotocol instead.
const KEY_SUBPROTOCOL = 'openai-insecure-api-key.';
const OPEN_TIMEOUT_MS = 6_000;

/** A WebSocket of a broadcast, at the host that this page is from. */
export function openSocket(id, path, fields, token) {
  const url = new URL(`/api/broadcasts/${id}/${path}${query(fields)}`, location.href);
  url.protocol = url.protocol.replace('http', 'ws');
  return new WebSocket(url, token ? ['realtime', KEY_SUBPROTOCOL + token] : ['realtime']);
}

/**
 * Listens by a WebSocket. `onEvent` gets each event; `done` resolves when the connection is over,
 * to whether anything came by it.
 */
export class SocketLink {
  done;
  #socket;
  #finish;
  #wasOpen = false;

  constructor(id, { token, onEvent, ...fields }) {
    this.done = new Promise((resolve) => (this.#finish = resolve));
    this.#socket = openSocket(id, 'listen', fields, token);
    const timer = setTimeout(() => this.#wasOpen || this.close(), OPEN_TIMEOUT_MS);
    this.#socket.onmessage = ({ data }) => {
      this.#wasOpen = true;
      onEvent(JSON.parse(data));
    };
    this.#socket.onclose = () => {
      clearTimeout(timer);
      this.close();
    };
  }

  /** Whether it could be sent. */
  send(event) {
    if (this.#socket.readyState !== WebSocket.OPEN) return false;
    this.#socket.send(JSON.stringify(event));
    return true;
  }

  close() {
    this.#socket.onmessage = null;
    this.#socket.close();
    this.#finish(this.#wasOpen);
  }
}
