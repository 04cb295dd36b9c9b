/**
 * Says in plain words that a part could not be fetched.
 *
 * @returns {never}
 */
export function notLoaded() {
  throw new Error('The broker cannot be reached.');
}
