import { make } from './dom.js';

const COPIED_MS = 1_500;

/** A button that copies an id, or shows all of it where the browser forbids copying. */
export function copyButton(value, what) {
  const button = make('button', { type: 'button', className: 'copy', textContent: shortID(value) });
  button.title = `Copy ${what} ${value}`;
  button.setAttribute('aria-label', button.title);
  button.addEventListener('click', async () => {
    try {
      await navigator.clipboard.writeText(value);
      button.textContent = 'copied';
      setTimeout(() => (button.textContent = shortID(value)), COPIED_MS);
    } catch {
      button.textContent = value;
    }
  });
  return button;
}

const shortID = (id) => `${id.slice(0, id.indexOf('_') + 1)}…${id.slice(-6)}`;
