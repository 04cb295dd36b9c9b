// PCM of 16 bits as upstream's events carry it: little-endian bytes in base64.

export const RATE_HZ = 24_000;

/** @param {Int16Array} samples */
export function toBase64(samples) {
  const bytes = new Uint8Array(samples.buffer, samples.byteOffset, samples.byteLength);
  let text = '';
  for (let index = 0; index < bytes.length; index += 1) text += String.fromCharCode(bytes[index]);
  return btoa(text);
}

/**
 * @param {string} text
 * @returns {Int16Array}
 */
export function fromBase64(text) {
  const binary = atob(text);
  const bytes = new Uint8Array(binary.length - (binary.length % 2));
  for (let index = 0; index < bytes.length; index += 1) bytes[index] = binary.charCodeAt(index);
  return new Int16Array(bytes.buffer);
}

/**
 * How many milliseconds of speech a base64 text holds.
 *
 * @param {string} text
 */
export function base64DurationMs(text) {
  const padding = text.endsWith('==') ? 2 : text.endsWith('=') ? 1 : 0;
  return (((text.length / 4) * 3 - padding) / 2 / RATE_HZ) * 1_000;
}
