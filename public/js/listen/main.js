// The listeners' page.

import { ask } from '../broadcasts/ask.js';
import { byID, make } from '../views/dom.js';
import { parseAddress } from './address.js';
import { openLive } from './live.js';
import { showState } from './state.js';

const refusals = {
  401: ['This link does not work', 'It was replaced by another one, or is not whole.'],
  404: ['There is no such broadcast', 'It was deleted, or this link is not whole.'],
};

// Another address in the same window is another broadcast.
addEventListener('hashchange', () => location.reload());
open();

async function open() {
  const address = parseAddress(location.hash);
  showState(['busy', 'Connecting', '']);
  try {
    const broadcast = await ask(address.id, '', {}, address);
    document.title = byID('title').textContent = broadcast.title || 'Broadcast';
    if (broadcast.status === 'ended') await openArchive(broadcast, address);
    else openLive(broadcast, address, { refuse, openArchive });
  } catch (error) {
    refuse(error);
  }
}

/** What was said, from the start. */
async function openArchive(broadcast, address) {
  const { showArchive } = await import('./ended.js');
  await showArchive(broadcast, address);
}

/** Says why nothing can be listened to. */
function refuse({ status, message }) {
  const [title, text] = refusals[status] ?? ['Not connected', `${message}.`];
  const again = make('button', { type: 'button', className: 'primary', textContent: 'Try again' });
  again.addEventListener('click', open);
  const heading = make('h2', { className: 'empty-title', textContent: title });
  const reason = make('p', { textContent: text });
  showState(['trouble', 'Not connected', `${title}. ${text}`]);
  byID('controls').hidden = true;
  byID('page').replaceChildren(make('section', { className: 'empty' }, heading, reason, again));
}
