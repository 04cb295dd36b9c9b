import { bearer, query } from '../request-parts.js';

/** The address of an export, for a link. */
export const exportAddress = (id, fields) => `/api/broadcasts/${id}/export${query(fields)}`;

/** An export as a file, for those who need a token, which no address should carry. */
export async function downloadExport(id, fields, token) {
  const response = await fetch(exportAddress(id, fields), { headers: bearer(token) });
  if (!response.ok) throw new Error(`The broker refused it (${response.status})`);
  return response.blob();
}
