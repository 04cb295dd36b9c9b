// Makes the parts that outlive each page, and opens the pages.

import * as api from './api.js';
import { oncePerFrame } from './coalesce.js';
import { EventRecord } from './event-record.js';
import { LiveSession } from './live-session.js';
import { Outbox } from './outbox.js';
import { addStyles, Router } from './router.js';
import { openStorage } from './storage.js';
import { byID, make } from './views/dom.js';
import { renderLiveChip } from './views/live-chip.js';
import { showToast } from './views/toast.js';
import { renderUpstream, renderUpstreamProblem } from './views/upstream.js';

const HEALTH_RETRY_MS = 5_000;
const TOAST_MS = 6_000;

const outbox = new Outbox({ storage: openStorage(), post: api.storeMessage });
/** The one session of the page; it goes on while other pages are looked at. */
const live = new LiveSession({ outbox });
const events = new EventRecord(live);
let drawer = null;
const context = { api, live, outbox, announce, retitle };

const router = new Router({
  root: byID('page'),
  context,
  pages: {
    talk: { load: () => import('./pages/talk.js'), styles: ['talk', 'transcript'] },
    history: { load: () => import('./pages/history.js'), styles: ['history'] },
    memory: { load: () => import('./pages/memory.js'), styles: ['memory'] },
    agents: { load: () => import('./pages/agents.js'), styles: ['agents'] },
    usage: { load: () => import('./pages/usage.js'), styles: ['usage'] },
  },
  onOpen: showPlace,
  onFailure: showFailure,
});

live.addEventListener('change', oncePerFrame(() => renderLiveChip(live)));
addEventListener('online', () => outbox.resume());
addEventListener('pagehide', () => live.leave());
byID('skip').addEventListener('click', (event) => {
  // The part behind # is the page's address, so a plain link would leave the page.
  event.preventDefault();
  byID('page').focus();
});

byID('events').addEventListener('click', toggleDrawer);
addEventListener('keydown', (event) => {
  if (event.key !== '.' || !(event.ctrlKey || event.metaKey)) return;
  event.preventDefault();
  toggleDrawer();
});

router.start();
greet();

/** Says something to those who hear the page; the same words are said again. */
function announce(text) {
  byID('announcer').textContent = '';
  requestAnimationFrame(() => (byID('announcer').textContent = text));
}

/** Names what is shown in the title of the window. */
function retitle(heading) {
  document.title = `${heading} · Session broker`;
}

function showPlace(name, heading) {
  retitle(heading);
  for (const link of byID('nav').children) {
    if (link.hash === `#/${name}`) link.setAttribute('aria-current', 'page');
    else link.removeAttribute('aria-current');
  }
}

function showFailure(root, error, retry) {
  const again = make('button', { type: 'button', textContent: 'Try again' });
  again.addEventListener('click', retry);
  const heading = make('h1', { textContent: 'This page could not be loaded', tabIndex: -1 });
  const reason = make('p', { textContent: 'The broker may be stopped, or the network down.' });
  root.replaceChildren(make('section', { className: 'empty' }, heading, reason, again));
  heading.focus();
  showPlace('', heading.textContent);
}

/** The drawer is loaded when it is wanted first; its record has been there from the start. */
async function toggleDrawer() {
  drawer ??= loadDrawer();
  const loaded = await drawer;
  if (loaded?.isOpen) loaded.close();
  else loaded?.open();
}

async function loadDrawer() {
  try {
    const [{ Drawer }] = await Promise.all([import('./drawer/drawer.js'), addStyles('drawer')]);
    const opener = byID('events');
    const loaded = new Drawer(events, live, { onClose: () => opener.focus() });
    document.body.append(loaded.element);
    return loaded;
  } catch {
    drawer = null;
    setTimeout(showToast('The events could not be loaded: the broker cannot be reached.'), TOAST_MS);
    return null;
  }
}

/** Asks which upstream is used until the broker answers; then posts what was left unsent. */
async function greet() {
  try {
    renderUpstream(await api.health());
    outbox.resume();
  } catch (error) {
    renderUpstreamProblem(error);
    setTimeout(greet, HEALTH_RETRY_MS);
  }
}
