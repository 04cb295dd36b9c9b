import { make } from '../dom.js';

const formats = { markdown: 'Markdown', text: 'Text', jsonl: 'JSON lines', vtt: 'VTT captions' };

/** A button that opens the ways in which a conversation can be saved. */
export function exportMenu(api, conversationID) {
  const links = Object.entries(formats).map(([format, textContent]) =>
    make('a', { href: api.exportAddress(conversationID, format), download: '', textContent }),
  );
  const menu = make(
    'details',
    { className: 'menu' },
    make('summary', { className: 'button', textContent: 'Export' }),
    make('div', { className: 'menu-items' }, ...links),
  );
  closeWhenLeft(menu);
  return menu;
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
