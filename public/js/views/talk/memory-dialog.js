import { counted } from '../counted.js';
import { openDialog } from '../dialog.js';
import { make } from '../dom.js';

/** Shows what a session was told of earlier ones; `context` is null where it cannot be had. */
export function openMemory({ tokens, messages, summaries }, context) {
  const facts = [
    counted(messages, 'message'),
    ...(summaries > 0 ? [counted(summaries, 'earlier session')] : []),
    counted(tokens, 'token'),
  ].join(' · ');
  const text = context?.text ?? 'What it was told cannot be shown now.';
  return openDialog(
    'Remembered from before',
    make('p', { className: 'muted', textContent: facts }),
    make('pre', { className: 'told', textContent: text, tabIndex: 0, dir: 'auto' }),
    make('p', {}, make('a', { href: '#/memory', textContent: 'See and change what is remembered' })),
  );
}
