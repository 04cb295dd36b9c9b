/** A stored message's text in two: what was heard of it, and what was not. */
export function storedText({ content, status, metadata }) {
  const heard = metadata.heard_text;
  const isCut = status === 'incomplete' && heard && content.startsWith(heard);
  if (!isCut) return { heard: content, unheard: '' };
  return { heard, unheard: content.slice(heard.length).trim() };
}
