import { byID, make } from './dom.js';

const SHOWN_MS = 6_000;

/** Says something until what it gives back is removed, with at most one thing to press. */
export function showToast(text, action = null) {
  const toast = make('div', { className: 'toast' }, make('span', { textContent: text }));
  if (action) {
    const button = make('button', { type: 'button', textContent: action.text });
    button.addEventListener('click', action.run);
    toast.append(button);
  }
  byID('toasts').append(toast);
  return toast;
}

/** Says what went wrong, for some seconds. */
export function showBriefly(text) {
  const toast = showToast(text);
  setTimeout(() => toast.remove(), SHOWN_MS);
}
