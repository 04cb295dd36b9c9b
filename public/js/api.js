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
  /** `status` is 0 when no answer came at all. */
  constructor(message, { status = 0, code = null, requestID = null, retryAfterMs = null } = {}) {
    super(requestID ? `${message} (request ${requestID})` : message);
    Object.assign(this, { status, code, requestID, retryAfterMs });
  }

  /** Whether the same request may succeed later. */
  get isTemporary() {
    return this.status >= 500 || [0, 401, 403, 408, 429].includes(this.status);
  }
}

export const health = () => request('GET', '/healthz');

export const startSession = (options) => request('POST', '/api/session', options);
export const endSession = (id, { isLeaving = false } = {}) =>
  request('POST', `/api/session/${id}/end`, undefined, { keepalive: isLeaving });
export const listSessions = (page) => request('GET', `/api/sessions${query(page)}`);

export const listConversations = (page) => request('GET', `/api/conversations${query(page)}`);
export const deleteConversation = (id) => request('DELETE', `/api/conversations/${id}`);

export const storeMessage = (conversationID, message) =>
  request('POST', `/api/conversations/${conversationID}/messages`, message);
export const listMessages = (conversationID, page) =>
  request('GET', `/api/conversations/${conversationID}/messages${query(page)}`);

/** The address of an export, for a link. */
export const exportAddress = (conversationID, format) =>
  `/api/conversations/${conversationID}/export${query({ format })}`;

export const recall = (body) => request('POST', '/api/recall', body);

const query = (parameters) => `?${new URLSearchParams(parameters)}`;

async function request(method, path, body, options = {}) {
  let response;
  try {
    response = await fetch(path, {
      method,
      headers: body === undefined ? {} : { 'Content-Type': 'application/json' },
      body: body === undefined ? undefined : JSON.stringify(body),
      signal: AbortSignal.timeout(TIMEOUT_MS),
      ...options,
    });
  } catch (error) {
    const isLate = error.name === 'TimeoutError';
    throw new APIError(`The broker ${isLate ? 'takes too long to answer' : 'cannot be reached'}`);
  }
  const answer = await response.json().catch(() => null);
  if (response.ok && answer !== null) return answer;
  throw makeError(response, answer);
}

function makeError(response, answer) {
  const error = answer?.error;
  const details = {
    status: response.ok ? 502 : response.status,
    code: error?.code ?? null,
    requestID: answer?.request_id ?? response.headers.get('X-Request-Id'),
    retryAfterMs: Number(response.headers.get('Retry-After')) * 1000 || null,
  };
  if (!error?.message) {
    return new APIError(`The answer (${response.status}) makes no sense`, details);
  }
  const cause = causes[error.type];
  return new APIError(cause ? `${cause}: ${error.message}` : error.message, details);
}
