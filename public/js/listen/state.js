import { byID, make, setText } from '../views/dom.js';

/** Shown in the head of the page, and said by screen readers. */
export function showState([kind, name, text]) {
  byID('state').dataset.kind = kind;
  setText(byID('state-name'), name);
  setText(byID('state-text'), text);
}

/** The keyboard reaches it, too. */
export function makeScroller() {
  const scroller = make('div', { className: 'listen-scroller', tabIndex: 0 });
  return Object.assign(scroller, { role: 'region', ariaLabel: 'Captions' });
}
