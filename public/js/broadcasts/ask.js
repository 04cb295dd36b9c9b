import { bearer, query } from '../request-parts.js';

/** Asks as one who listens, maybe with a `token`. Errors have a `status`: 0 for no answer. */
export async function ask(id, path, fields, { token, signal }) {
  const address = `/api/broadcasts/${id}${path}${query(fields)}`;
  const response = await fetch(address, { headers: bearer(token), signal }).catch(() => null);
  if (response?.ok) return response.json();
  const status = response?.status ?? 0;
  const text = status ? `The broker does not answer this (${status})` : 'The broker is not there';
  throw Object.assign(new Error(text), { status });
}
