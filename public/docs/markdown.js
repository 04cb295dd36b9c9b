// The little Markdown of descriptions, as pieces: nothing of it is ever parsed as markup.

const PIECES = /`([^`]+)`|\*\*([^*]+)\*\*|\[([^\]]+)\]\(([^()\s]+)\)|(https?:\/\/[^\s<>()]*[^\s<>().,;:!?])/g;

/**
 * @typedef {{kind: 'text'|'code'|'strong', text: string}|{kind: 'link', text: string, href: string}} Piece
 */

/**
 * A line of text in pieces. What looks like a link and leads nowhere on the web stays text.
 *
 * @param {string} text
 * @returns {Piece[]}
 */
export function pieces(text) {
  const found = [];
  let end = 0;
  for (const match of text.matchAll(PIECES)) {
    const piece = pieceOf(match);
    if (!piece) continue;
    if (match.index > end) found.push({ kind: 'text', text: text.slice(end, match.index) });
    found.push(piece);
    end = match.index + match[0].length;
  }
  if (end < text.length) found.push({ kind: 'text', text: text.slice(end) });
  return found;
}

/** @param {string} text */
export const paragraphs = (text) =>
  text.split(/\n\s*\n/).map((part) => part.trim()).filter(Boolean);

/** @returns {Piece|null} */
function pieceOf([, code, strong, label, target, address]) {
  if (code !== undefined) return { kind: 'code', text: code };
  if (strong !== undefined) return { kind: 'strong', text: strong };
  const href = target ?? address;
  return isSafe(href) ? { kind: 'link', text: label ?? href, href } : null;
}

/** An address of the web, or of this broker; `javascript:` and its like are neither. */
const isSafe = (/** @type {string} */ href) => /^(https?:\/\/|\/(?!\/)|#)/.test(href);
