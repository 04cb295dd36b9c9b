// Helpers for building pages. Text from outside is only ever set as text.

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

/** Whether the end is in sight, and should stay so. */
export const isNearEnd = ({ scrollHeight, scrollTop, clientHeight }) =>
  scrollHeight - scrollTop - clientHeight < NEAR_END_PX;
