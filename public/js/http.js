// Requests to the broker. Answers are JSON, or text of a few kinds; all errors are `APIError`.

import { bearer } from './request-parts.js';

const TIMEOUT_MS = 30_000;

const causes = {
  authentication_error: 'The broker does not know you',
  permission_error: 'The broker does not allow this',
  rate_limit_error: 'Too much at once',
  upstream_error: 'The upstream API failed',
  server_error: 'The broker failed',
};

/** Why a request failed, in plain words. */
export class APIError extends Error {
  /** `status` is 0 when no answer came at all; `param` names the field that is wrong. */
  constructor(message, details = {}) {
    super(details.requestID ? `${message} (request ${details.requestID})` : message);
    const unknown = { status: 0, code: null, param: null, requestID: null, retryAfterMs: null };
    Object.assign(this, unknown, details);
  }

  /** Whether the same request may succeed later. */
  get isTemporary() {
    return this.status >= 500 || [0, 401, 403, 408, 429].includes(this.status);
  }
}

/** The answer to the first request, which makes a new browser known; the others wait for it. */
let introduction = null;

/**
 * Asks the broker. `body` is JSON, or as a text an offer of WebRTC. `options` may have a `signal`,
 * `keepalive`, and a `token` that lets in whom the broker does not know.
 */
export async function request(method, path, body, options = {}) {
  if (path === '/healthz') return send(method, path, body, options);
  if (introduction) {
    await introduction;
    return send(method, path, body, options);
  }
  const answer = send(method, path, body, options);
  introduction = answer.then(() => {}, () => void (introduction = null));
  return answer;
}

function send(method, path, body, { signal, token, keepalive = false }) {
  const headers = { ...(body && contentType(body)), ...bearer(token) };
  const content = typeof body === 'object' ? JSON.stringify(body) : body;
  return inTime(signal, (ending) =>
    ask(path, { method, headers, keepalive, body: content, signal: ending }, signal));
}

async function ask(path, request, signal) {
  let response;
  try {
    response = await fetch(path, request);
  } catch (error) {
    // Who gave a request up knows that, and is told so.
    if (signal?.aborted) throw error;
    const isLate = error.name === 'TimeoutError';
    throw new APIError(`The broker ${isLate ? 'takes too long to answer' : 'cannot be reached'}`);
  }
  const answer = await read(response).catch(() => null);
  signal?.throwIfAborted();
  if (response.ok && answer !== null) return answer;
  throw makeError(response, answer);
}

/** Does work with a signal that ends with the given one, or when it takes too long. */
async function inTime(signal, work) {
  // `AbortSignal.any` is too new for many phones.
  const ending = new AbortController();
  const giveUp = () => ending.abort(signal.reason);
  if (signal?.aborted) giveUp();
  signal?.addEventListener('abort', giveUp);
  const late = () => ending.abort(new DOMException('Too late', 'TimeoutError'));
  const timer = setTimeout(late, TIMEOUT_MS);
  try {
    return await work(ending.signal);
  } finally {
    clearTimeout(timer);
    signal?.removeEventListener('abort', giveUp);
  }
}

/** A text is an offer of WebRTC, everything else is JSON. */
const contentType = (body) => ({
  'Content-Type': typeof body === 'string' ? 'application/sdp' : 'application/json',
});

const TEXT_TYPES = /^(application\/sdp|image\/svg)/;

async function read(response) {
  if (response.status === 204) return {};
  const isText = TEXT_TYPES.test(response.headers.get('Content-Type') ?? '');
  return isText ? response.text() : response.json();
}

function makeError(response, answer) {
  const error = answer?.error;
  const details = {
    status: response.ok ? 502 : response.status,
    code: error?.code ?? null,
    param: error?.param ?? null,
    requestID: answer?.request_id ?? response.headers.get('X-Request-Id'),
    retryAfterMs: Number(response.headers.get('Retry-After')) * 1000 || null,
  };
  if (!error?.message) {
    return new APIError(`What answered (${response.status}) is not the broker`, details);
  }
  const cause = causes[error.type];
  return new APIError(cause ? `${cause}: ${error.message}` : error.message, details);
}
