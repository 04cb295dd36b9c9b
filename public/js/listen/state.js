import { byID, make, setText } from '../views/dom.js';

/** Shows what goes on in the head of the page, and says it to those who hear it. */
export function showState({ kind, name, text }) {
  byID('state').dataset.kind = kind;
  setText(byID('state-name'), name);
  setText(byID('state-text'), text);
}

/** What the captions scroll in; the keyboard reaches it. */
export function makeScroller() {
  const scroller = make('div', { className: 'listen-scroller', tabIndex: 0 });
  scroller.setAttribute('role', 'region');
  scroller.setAttribute('aria-label', 'Captions');
  return scroller;
}
