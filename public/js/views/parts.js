// Parts that all pages share: what is there while, before and instead of data.

import { make } from './dom.js';

/** Room for `count` rows that are still to come, so that nothing moves when they do. */
export function skeleton(count, className = '') {
  const rows = Array.from({ length: count }, () => make('span', { className: 'skeleton-row' }));
  const element = make('div', { className: `skeleton ${className}` }, ...rows);
  element.setAttribute('aria-hidden', 'true');
  return element;
}

/** Why something is not there, in plain words, and a way to try again. */
export function problemBox(error, retry) {
  const again = make('button', { type: 'button', textContent: 'Try again' });
  again.addEventListener('click', retry);
  const box = make('div', { className: 'problem-box' }, `${error.message}.`, again);
  box.setAttribute('role', 'alert');
  return box;
}

/** Says that there is nothing, and what to do about it; `action` is a link or button, or null. */
export const emptyState = (title, text, action = null) =>
  make(
    'div',
    { className: 'empty' },
    make('p', { className: 'empty-title', textContent: title }),
    make('p', { textContent: text }),
    action,
  );

/** A link that looks like a button. */
export const actionLink = (textContent, href, className = '') =>
  make('a', { className: `button ${className}`, href, textContent });

const SVG = 'http://www.w3.org/2000/svg';

/** An SVG element; `attributes` as in the markup. */
export function makeSVG(tag, attributes = {}, ...children) {
  const element = document.createElementNS(SVG, tag);
  for (const [name, value] of Object.entries(attributes)) element.setAttribute(name, value);
  element.append(...children);
  return element;
}
