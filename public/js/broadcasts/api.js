// The broker's routes of broadcasts, for their owner.

import { request } from '../http.js';
import { query } from '../request-parts.js';

/** An id may come from an address that somebody typed. */
const at = encodeURIComponent;

export const listBroadcasts = (page, options) =>
  request('GET', `/api/broadcasts${query(page)}`, undefined, options);
export const createBroadcast = (fields) => request('POST', '/api/broadcasts', fields);
export const getBroadcast = (id, options) =>
  request('GET', `/api/broadcasts/${at(id)}`, undefined, options);
export const endBroadcast = (id) => request('POST', `/api/broadcasts/${at(id)}/end`);
export const deleteBroadcast = (id, { isLeaving = false } = {}) =>
  request('DELETE', `/api/broadcasts/${at(id)}`, undefined, { keepalive: isLeaving });
/** A new token; the former one opens nothing any more. */
export const renewToken = (id) => request('POST', `/api/broadcasts/${at(id)}/token`);

/** The listeners' page as a QR code, in SVG; with a token, that lets in, too. */
export const getCode = (id, options) =>
  request('GET', `/api/broadcasts/${at(id)}/qr.svg`, undefined, options);
