// What lets people listen: the address of the listeners' page, with a token where one is needed.

const KEY = 'broadcast.token.';
/** For browsers that forbid the storage. */
const tokens = new Map();

/**
 * The token of a broadcast, which the broker tells once: when it is made, and when it is renewed.
 * It is kept as long as the window is open, so that a reload still shows the link.
 */
export function keptToken(id) {
  try {
    return sessionStorage.getItem(KEY + id) ?? '';
  } catch {
    return tokens.get(id) ?? '';
  }
}

export function keepToken(id, token) {
  try {
    sessionStorage.setItem(KEY + id, token);
  } catch {
    tokens.set(id, token);
  }
}

/** The address for listeners; the token is in a part of it that is sent to no server. */
export const listenAddress = ({ page_url: page }, token) =>
  token ? `${page}?token=${token}` : page;
