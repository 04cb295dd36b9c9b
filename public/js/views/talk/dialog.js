import { addStyles } from '../../styles.js';
import { make } from '../dom.js';

/** Opens a dialog that is gone when it closes; gives the element back. */
export async function openDialog(title, ...children) {
  await addStyles('sheet');
  const id = 'dialog-title';
  const close = make('button', { type: 'button', className: 'quiet', textContent: 'Close' });
  const dialog = make(
    'dialog',
    { className: 'sheet' },
    make('header', { className: 'bar' }, make('h2', { id, textContent: title }), close),
    make('div', { className: 'sheet-body' }, ...children),
  );
  dialog.setAttribute('aria-labelledby', id);
  close.addEventListener('click', () => dialog.close());
  // A press beside it closes it, too.
  dialog.addEventListener('click', (event) => event.target === dialog && dialog.close());
  const closing = new AbortController();
  // A link in it leads to another page.
  addEventListener('hashchange', () => dialog.close(), { signal: closing.signal });
  dialog.addEventListener('close', () => {
    closing.abort();
    dialog.remove();
  });
  document.body.append(dialog);
  dialog.showModal();
  return dialog;
}
