/** What follows an address; empty fields are left out. */
export function query(fields = {}) {
  const given = Object.entries(fields).filter(([, value]) => (value ?? '') !== '');
  return given.length > 0 ? `?${new URLSearchParams(given)}` : '';
}

/** The header that shows a token, if there is one. */
export const bearer = (token) => (token ? { Authorization: `Bearer ${token}` } : {});
