// The broker's routes, one function each. All errors are `APIError`.

import { request } from './http.js';
import { query } from './request-parts.js';

/** An id may come from an address that somebody typed. */
const at = encodeURIComponent;

export const health = () => request('GET', '/healthz');

export const startSession = (options) => request('POST', '/api/session', options);
export const getSession = (id, options) => request('GET', `/api/session/${at(id)}`, undefined, options);
export const endSession = (id, { isLeaving = false } = {}) =>
  request('POST', `/api/session/${at(id)}/end`, undefined, { keepalive: isLeaving });
/** The session that carries on where this one ends. */
export const renewSession = (id) => request('POST', `/api/session/${at(id)}/renew`);
/** Makes the session's WebRTC call; the offer's answer, as SDP. */
export const makeCall = (id, offer) => request('POST', `/api/session/${at(id)}/call`, offer);
/** Lets the broker follow a call that the page made itself. */
export const followCall = (id, callID) =>
  request('POST', `/api/session/${at(id)}/call`, { call_id: callID });
export const listSessions = (page, options) =>
  request('GET', `/api/sessions${query(page)}`, undefined, options);

export const listConversations = (page, options) =>
  request('GET', `/api/conversations${query(page)}`, undefined, options);
export const getConversation = (id, options) =>
  request('GET', `/api/conversations/${at(id)}`, undefined, options);
export const changeConversation = (id, change) =>
  request('PATCH', `/api/conversations/${at(id)}`, change);
export const deleteConversation = (id, { isLeaving = false } = {}) =>
  request('DELETE', `/api/conversations/${at(id)}`, undefined, { keepalive: isLeaving });

export const storeMessage = (conversationID, message) =>
  request('POST', `/api/conversations/${at(conversationID)}/messages`, message);
export const listMessages = (conversationID, page, options) =>
  request('GET', `/api/conversations/${at(conversationID)}/messages${query(page)}`, undefined, options);
export const getMessage = (id, options) =>
  request('GET', `/api/messages/${at(id)}`, undefined, options);

/** The address of an export, for a link. */
export const exportAddress = (conversationID, format) =>
  `/api/conversations/${at(conversationID)}/export${query({ format })}`;

export const search = (fields, options) =>
  request('GET', `/api/search${query(fields)}`, undefined, options);
export const recall = (body) => request('POST', '/api/recall', body);
export const listSummaries = (id, page, options) =>
  request('GET', `/api/conversations/${at(id)}/summaries${query(page)}`, undefined, options);

export const listFacts = (page, options) =>
  request('GET', `/api/memory${query(page)}`, undefined, options);
export const forgetFact = (id) => request('DELETE', `/api/memory/${at(id)}`);
export const forgetAllFacts = () => request('DELETE', '/api/memory');
export const getContext = (fields, options) =>
  request('GET', `/api/context${query(fields)}`, undefined, options);

export const listAgents = (page, options) =>
  request('GET', `/api/agents${query(page)}`, undefined, options);
export const getAgent = (id, options) => request('GET', `/api/agents/${at(id)}`, undefined, options);
export const createAgent = (agent) => request('POST', '/api/agents', agent);
export const changeAgent = (id, change) => request('PATCH', `/api/agents/${at(id)}`, change);
export const deleteAgent = (id, { isLeaving = false } = {}) =>
  request('DELETE', `/api/agents/${at(id)}`, undefined, { keepalive: isLeaving });

export const getUsage = (fields, options) =>
  request('GET', `/api/usage${query(fields)}`, undefined, options);
