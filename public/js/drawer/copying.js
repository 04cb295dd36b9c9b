import { setText } from '../views/dom.js';

const COPIED_MS = 1_500;

/** Copies, and says on the button whether it worked. Pages that come unprotected may not copy. */
export async function copyFrom(button, text) {
  const before = (button.dataset.words ??= button.textContent);
  const isCopied = await navigator.clipboard?.writeText(text).then(() => true, () => false);
  setText(button, isCopied ? 'Copied' : 'Not allowed');
  setTimeout(() => setText(button, before), COPIED_MS);
}
