/**
 * What could not be fetched of the parts that play and hear, in plain words.
 *
 * @returns {never}
 */
export function notLoaded() {
  throw new Error('The broker cannot be reached.');
}
