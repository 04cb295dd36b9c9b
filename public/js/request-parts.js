/** What follows an address: fields that are left out or empty are not sent. */
export function query(fields = {}) {
  const given = Object.entries(fields).filter(([, value]) => value !== undefined && value !== '');
  return given.length > 0 ? `?${new URLSearchParams(given)}` : '';
}

/** The header that shows a token, if there is one. */
export const bearer = (token) => (token ? { Authorization: `Bearer ${token}` } : {});
