import { query } from '../request-parts.js';

const OPEN_TIMEOUT_MS = 6_000;

/** In browsers it has no headers: the token is a subprotocol. */
export function openSocket(id, path, fields, token) {
  const url = new URL(`/api/broadcasts/${id}/${path}${query(fields)}`, location);
  url.protocol = url.protocol.replace('http', 'ws');
  const shown = token ? [`openai-insecure-api-key.${token}`] : [];
  return new WebSocket(url, ['realtime', ...shown]);
}

/** Listens; `onEvent` gets each event. `done` resolves at the end to whether anything came. */
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
