// Dialogs. Each is gone when it closes, and closes when one goes to another page.

import { addStyles } from '../styles.js';
import { make } from './dom.js';

const TITLE_ID = 'dialog-title';

/** Opens a dialog with a title and a way to close it; gives the element back. */
export async function openDialog(title, ...children) {
  const close = make('button', { type: 'button', className: 'quiet', textContent: 'Close' });
  const heading = make('h2', { id: TITLE_ID, textContent: title });
  const dialog = make(
    'dialog',
    { className: 'dialog' },
    make('header', { className: 'bar' }, heading, close),
    make('div', { className: 'dialog-body' }, ...children),
  );
  close.addEventListener('click', () => dialog.close());
  // A press beside it closes it, too.
  dialog.addEventListener('click', (event) => event.target === dialog && dialog.close());
  await show(dialog);
  return dialog;
}

/**
 * Asks before something that cannot be undone; resolves to whether it is wanted.
 * `texts` are `{title, text, action}`, where `action` is the word on the button that does it.
 */
export async function confirmed({ title, text, action }) {
  const cancel = make('button', { value: '', textContent: 'Cancel', autofocus: true });
  const go = make('button', { value: 'yes', className: 'danger-solid', textContent: action });
  const form = make(
    'form',
    { method: 'dialog', className: 'dialog-body' },
    make('h2', { id: TITLE_ID, textContent: title }),
    make('p', { textContent: text }),
    make('div', { className: 'dialog-actions' }, cancel, go),
  );
  const dialog = make('dialog', { className: 'dialog question' }, form);
  await show(dialog);
  return new Promise((resolve) => {
    dialog.addEventListener('close', () => resolve(dialog.returnValue === 'yes'));
  });
}

async function show(dialog) {
  // Without them it is plain, and says the same.
  await addStyles('dialog').catch(() => {});
  dialog.setAttribute('aria-labelledby', TITLE_ID);
  const closing = new AbortController();
  // Who goes to another page has answered: not now.
  addEventListener('hashchange', () => dialog.close(''), { signal: closing.signal });
  dialog.addEventListener('close', () => {
    closing.abort();
    dialog.remove();
  });
  document.body.append(dialog);
  dialog.showModal();
}
