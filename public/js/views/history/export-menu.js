import { make } from '../dom.js';
import { menu } from '../menu.js';

const formats = { markdown: 'Markdown', text: 'Text', jsonl: 'JSON lines', vtt: 'VTT captions' };

/** A button that opens the ways in which a conversation can be saved. */
export function exportMenu(api, conversationID) {
  const links = Object.entries(formats).map(([format, textContent]) =>
    make('a', { href: api.exportAddress(conversationID, format), download: '', textContent }),
  );
  return menu('Export', links);
}
