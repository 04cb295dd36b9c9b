import { bearer, query } from '../request-parts.js';
import { EventStreamParser } from './event-stream.js';

const OPEN_TIMEOUT_MS = 6_000;
/** The broker says something at least each 15 s, if only a comment. */
const SILENCE_MS = 45_000;

/** Listens by server-sent events, as `SocketLink` does, where WebSockets are blocked. */
export class StreamLink {
  done;
  #wasOpen = false;
  #closing = new AbortController();

  constructor(id, { token, after, onEvent, ...fields }) {
    const headers = { ...bearer(token), ...(after && { 'Last-Event-ID': after }) };
    this.done = this.#read(`/api/broadcasts/${id}/events${query(fields)}`, headers, onEvent);
  }

  /** What cannot be told in place needs another connection. */
  send() {
    return false;
  }

  close() {
    this.#closing.abort();
  }

  async #read(path, headers, onEvent) {
    const { signal } = this.#closing;
    const parser = new EventStreamParser((data) => {
      this.#wasOpen = true;
      if (!signal.aborted) onEvent(JSON.parse(data));
    });
    try {
      const asked = fetch(path, { headers, signal, cache: 'no-store' });
      const response = await this.#within(OPEN_TIMEOUT_MS, asked);
      // Nothing more will come: it has ended, and all of it was told.
      if (response.status === 204) onEvent({ type: 'broadcast.ended' });
      if (response.status === 200) await this.#readAll(response.body, parser);
    } catch {
      // It is lost; who made it tries again.
    }
    return this.#wasOpen;
  }

  async #readAll(body, parser) {
    const reader = body.pipeThrough(new TextDecoderStream()).getReader();
    for (;;) {
      const { done, value } = await this.#within(SILENCE_MS, reader.read());
      if (done) return;
      parser.add(value);
    }
  }

  /** Gives the connection up if it takes longer. */
  async #within(limitMs, work) {
    const timer = setTimeout(() => this.close(), limitMs);
    try {
      return await work;
    } finally {
      clearTimeout(timer);
    }
  }
}
