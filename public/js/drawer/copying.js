import { setText } from '../views/dom.js';

const COPIED_MS = 1_500;

/** Copies, and says on the button whether it worked. */
export async function copyFrom(button, text) {
  const before = button.textContent;
  const outcome = await navigator.clipboard.writeText(text).then(
    () => 'Copied',
    () => 'Not allowed',
  );
  setText(button, outcome);
  setTimeout(() => setText(button, before), COPIED_MS);
}
