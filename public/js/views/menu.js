import { make } from './dom.js';

/** A button that opens a few links or buttons below it. */
export function menu(text, items) {
  const element = make(
    'details',
    { className: 'menu' },
    make('summary', { className: 'button', textContent: text }),
    make('div', { className: 'menu-items' }, ...items),
  );
  closeWhenLeft(element);
  return element;
}

/** Closes a menu when the focus leaves it, something in it was chosen, or Escape is pressed. */
function closeWhenLeft(menu) {
  menu.addEventListener('focusout', ({ relatedTarget }) => {
    if (!menu.contains(relatedTarget)) menu.open = false;
  });
  menu.addEventListener('keydown', ({ key }) => {
    if (key !== 'Escape') return;
    menu.open = false;
    menu.firstElementChild.focus();
  });
  menu.lastElementChild.addEventListener('click', () => {
    menu.open = false;
  });
}
