import { byID, make } from './dom.js';

/** Says something until what it gives back is removed, with at most one thing to press. */
export function showToast(text, action = null) {
  const toast = make('div', { className: 'toast' }, make('span', { textContent: text }));
  toast.setAttribute('role', 'status');
  if (action) {
    const button = make('button', { type: 'button', textContent: action.text });
    button.addEventListener('click', action.run);
    toast.append(button);
  }
  byID('toasts').append(toast);
  return toast;
}
