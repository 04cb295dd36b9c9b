import { addStyles } from '../../styles.js';
import { isNearEnd, make } from '../dom.js';

/**
 * What was said before the live conversation was continued. It outlives the page, as the session
 * does.
 *
 * @type {{id: string|null, element: HTMLElement|null}}
 */
let earlier = { id: null, element: null };

/**
 * The place for what was said before, which is filled by and by; null where nothing was. It takes all
 * of the room at once, so that nothing moves when it is filled.
 *
 * @returns {HTMLElement|null}
 */
export function earlierPlace(live, api) {
  const id = live.options.conversation_id ?? null;
  if (id === earlier.id) return earlier.element;
  // What has been said since the page was opened stands there already.
  const isNew = id !== null && live.conversation.order.length === 0;
  earlier = { id, element: isNew ? makePlace() : null };
  if (isNew) fill(earlier.element, live, api, id);
  return earlier.element;
}

function makePlace() {
  const element = make('section', { className: 'earlier', ariaLabel: 'Earlier' });
  // Screen readers read what is said now, by itself.
  element.setAttribute('aria-live', 'off');
  return element;
}

async function fill(element, live, api, id) {
  try {
    const [{ earlierTurns }] = await Promise.all([import('./earlier.js'), addStyles('earlier')]);
    const turns = await earlierTurns(live, api, id);
    show(element, turns);
    element.hidden = turns.length === 0;
  } catch {
    show(element, problem(() => fill(element, live, api, id)));
  }
}

/** Who looks at the end goes on doing so. */
function show(element, children) {
  const scroller = element.parentElement;
  const isAtEnd = scroller !== null && isNearEnd(scroller);
  element.replaceChildren(...children);
  if (isAtEnd) scroller.scrollTop = scroller.scrollHeight;
}

function problem(retry) {
  const textContent = 'What was said before could not be loaded.';
  const again = make('button', { type: 'button', textContent: 'Try again' });
  again.addEventListener('click', retry);
  return [make('p', { className: 'muted', textContent }), again];
}
