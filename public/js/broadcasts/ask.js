import { bearer, query } from '../request-parts.js';

/**
 * Asks the broker as one who listens, who may have nothing but a `token`. It is less than `http.js`,
 * as the listeners' page is light. Errors have a `status`: 0 when no answer came.
 */
export async function ask(id, path, fields, { token, signal }) {
  let response;
  try {
    const address = `/api/broadcasts/${id}${path}${query(fields)}`;
    response = await fetch(address, { headers: bearer(token), signal });
  } catch {
    throw Object.assign(new Error('The broker cannot be reached'), { status: 0 });
  }
  if (response.ok) return response.json();
  const { status } = response;
  throw Object.assign(new Error(`The broker does not answer this (${status})`), { status });
}
