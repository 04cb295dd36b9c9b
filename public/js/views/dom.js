// Small helpers for building the page. Text from outside is only ever set as text.

export const byID = (id) => document.getElementById(id);

/** A new element; `properties` are DOM properties, `data` its data attributes. */
export function make(tag, { data = {}, ...properties } = {}, ...children) {
  const element = Object.assign(document.createElement(tag), properties);
  Object.assign(element.dataset, data);
  element.append(...children.filter((child) => child !== null));
  return element;
}

/** Sets text only if it differs, so that a live region speaks once. */
export function setText(element, text) {
  if (element.textContent !== text) element.textContent = text;
}

const NEAR_END_PX = 80;

/** Whether the end of a scrolling element is in sight, so that it should stay there. */
export const isNearEnd = ({ scrollHeight, scrollTop, clientHeight }) =>
  scrollHeight - scrollTop - clientHeight < NEAR_END_PX;

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

/** What is left until a Unix time in seconds, as `9:58`. */
export function countdownText(seconds) {
  const left = Math.max(0, Math.round(seconds - Date.now() / 1000));
  return `${Math.floor(left / 60)}:${String(left % 60).padStart(2, '0')}`;
}

/** `1 message`, `2 messages`. */
export const counted = (count, one, many = `${one}s`) =>
  `${count.toLocaleString()} ${count === 1 ? one : many}`;
