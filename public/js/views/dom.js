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

/** `1 message`, `2 messages`. */
export const counted = (count, one, many = `${one}s`) =>
  `${count.toLocaleString()} ${count === 1 ? one : many}`;
