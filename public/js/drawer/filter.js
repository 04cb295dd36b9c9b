/** A test of entries for `{text, direction}`; the words of `text` must all be in an event. Pure. */
export function makeFilter({ text, direction }) {
  const words = text.toLowerCase().split(/\s+/).filter(Boolean);
  return (entry) => {
    if (direction === 'sent' && !entry.isSent) return false;
    if (direction === 'received' && entry.isSent) return false;
    return words.every((word) => entry.text.includes(word));
  };
}
