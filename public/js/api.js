// The broker's routes, one function each. All answers are JSON; all errors are `APIError`.

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

export const health = () => request('GET', '/healthz');

export const startSession = (options) => request('POST', '/api/session', options);
export const getSession = (id, options) => request('GET', `/api/session/${id}`, undefined, options);
export const endSession = (id, { isLeaving = false } = {}) =>
  request('POST', `/api/session/${id}/end`, undefined, { keepalive: isLeaving });
/** The session that carries on where this one ends. */
export const renewSession = (id) => request('POST', `/api/session/${id}/renew`);
/** Makes the session's WebRTC call; the offer's answer, as SDP. */
export const makeCall = (id, offer) => request('POST', `/api/session/${id}/call`, offer);
/** Lets the broker follow a call that the page made itself. */
export const followCall = (id, callID) =>
  request('POST', `/api/session/${id}/call`, { call_id: callID });
export const listSessions = (page, options) =>
  request('GET', `/api/sessions${query(page)}`, undefined, options);

export const listConversations = (page, options) =>
  request('GET', `/api/conversations${query(page)}`, undefined, options);
export const getConversation = (id, options) =>
  request('GET', `/api/conversations/${id}`, undefined, options);
export const changeConversation = (id, change) =>
  request('PATCH', `/api/conversations/${id}`, change);
export const deleteConversation = (id, { isLeaving = false } = {}) =>
  request('DELETE', `/api/conversations/${id}`, undefined, { keepalive: isLeaving });

export const storeMessage = (conversationID, message) =>
  request('POST', `/api/conversations/${conversationID}/messages`, message);
export const listMessages = (conversationID, page, options) =>
  request('GET', `/api/conversations/${conversationID}/messages${query(page)}`, undefined, options);
export const getMessage = (id, options) =>
  request('GET', `/api/messages/${id}`, undefined, options);

/** The address of an export, for a link. */
export const exportAddress = (conversationID, format) =>
  `/api/conversations/${conversationID}/export${query({ format })}`;

export const search = (fields, options) =>
  request('GET', `/api/search${query(fields)}`, undefined, options);
export const recall = (body) => request('POST', '/api/recall', body);
export const listSummaries = (id, page, options) =>
  request('GET', `/api/conversations/${id}/summaries${query(page)}`, undefined, options);

export const listFacts = (page, options) =>
  request('GET', `/api/memory${query(page)}`, undefined, options);
export const forgetFact = (id) => request('DELETE', `/api/memory/${id}`);
export const forgetAllFacts = () => request('DELETE', '/api/memory');
export const getContext = (fields, options) =>
  request('GET', `/api/context${query(fields)}`, undefined, options);

export const listAgents = (page, options) =>
  request('GET', `/api/agents${query(page)}`, undefined, options);
export const getAgent = (id, options) => request('GET', `/api/agents/${id}`, undefined, options);
export const createAgent = (agent) => request('POST', '/api/agents', agent);
export const changeAgent = (id, change) => request('PATCH', `/api/agents/${id}`, change);
export const deleteAgent = (id, { isLeaving = false } = {}) =>
  request('DELETE', `/api/agents/${id}`, undefined, { keepalive: isLeaving });

export const getUsage = (fields, options) =>
  request('GET', `/api/usage${query(fields)}`, undefined, options);

/** Fields that are left out or empty are not sent. */
function query(fields = {}) {
  const given = Object.entries(fields).filter(([, value]) => value !== undefined && value !== '');
  return given.length > 0 ? `?${new URLSearchParams(given)}` : '';
}

/** The answer to the first request, which makes a new browser known; the others wait for it. */
let introduction = null;

async function request(method, path, body, options = {}) {
  if (path === '/healthz') return send(method, path, body, options);
  if (introduction) {
    await introduction;
    return send(method, path, body, options);
  }
  const answer = send(method, path, body, options);
  introduction = answer.then(() => {}, () => void (introduction = null));
  return answer;
}

async function send(method, path, body, { signal, keepalive = false }) {
  const timeout = AbortSignal.timeout(TIMEOUT_MS);
  let response;
  try {
    response = await fetch(path, {
      method,
      ...content(body),
      signal: signal ? AbortSignal.any([signal, timeout]) : timeout,
      keepalive,
    });
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

/** A text is an offer of WebRTC, everything else is JSON. */
function content(body) {
  if (body === undefined) return {};
  const isOffer = typeof body === 'string';
  const type = isOffer ? 'application/sdp' : 'application/json';
  return { headers: { 'Content-Type': type }, body: isOffer ? body : JSON.stringify(body) };
}

async function read(response) {
  if (response.status === 204) return {};
  const isSDP = response.headers.get('Content-Type')?.startsWith('application/sdp');
  return isSDP ? response.text() : response.json();
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
    return new APIError(`The answer (${response.status}) makes no sense`, details);
  }
  const cause = causes[error.type];
  return new APIError(cause ? `${cause}: ${error.message}` : error.message, details);
}
