// The listeners' page: a broadcast while it goes on, or all of it when it has ended.

import { ask } from '../broadcasts/ask.js';
import { byID, make } from '../views/dom.js';
import { parseAddress } from './address.js';
import { openLive } from './live.js';
import { showState } from './state.js';

const ADVICE = 'Ask for the link again.';
const refusals = {
  401: ['This link does not work', `It was replaced by another one, or is not whole. ${ADVICE}`],
  404: ['There is no such broadcast', `It was deleted, or this link is not whole. ${ADVICE}`],
};

// Another address in the same window is another broadcast.
addEventListener('hashchange', () => location.reload());
open();

async function open() {
  const address = parseAddress(location.hash);
  showState({ kind: 'busy', name: 'Connecting', text: '' });
  try {
    const broadcast = await ask(address.id, '', {}, address);
    byID('title').textContent = broadcast.title || 'Broadcast';
    document.title = byID('title').textContent;
    if (broadcast.status === 'ended') await openArchive(broadcast, address);
    else openLive(broadcast, address, { refuse, openArchive });
  } catch (error) {
    refuse(error);
  }
}

/** What was said, from the start; its files come when they are wanted. */
async function openArchive(broadcast, address) {
  const { showArchive } = await import('./ended.js');
  await showArchive(broadcast, address);
}

/** Says why nothing can be listened to; what may pass can be tried again. */
function refuse({ status, message }) {
  const [title, text] = refusals[status] ?? ['Not connected', `${message}.`];
  const again = make('button', { type: 'button', className: 'primary', textContent: 'Try again' });
  again.addEventListener('click', open);
  const heading = make('h2', { className: 'empty-title', textContent: title });
  const reason = make('p', { textContent: text });
  showState({ kind: 'trouble', name: 'Not connected', text: `${title}. ${text}` });
  byID('controls').hidden = true;
  byID('page').replaceChildren(make('section', { className: 'empty' }, heading, reason, again));
}
