// Makes the parts that outlive each page, and opens the pages.

import * as api from './api.js';
import { oncePerFrame } from './coalesce.js';
import { wireDrawer } from './drawer-toggle.js';
import { RealtimeSession } from './realtime/realtime-session.js';
import { Router } from './router.js';
import { openStorage } from './storage.js';
import { byID, make } from './views/dom.js';
import { renderLiveChip } from './views/live-chip.js';
import { renderUpstream, renderUpstreamProblem } from './views/upstream.js';

const HEALTH_RETRY_MS = 5_000;

/** The one session of the page; it goes on while other pages are looked at. */
const live = new RealtimeSession({ api, storage: openStorage() });
let awake = null;
const context = { api, live, announce, retitle };

const router = new Router({
  root: byID('page'),
  context,
  pages: {
    talk: { load: () => import('./pages/talk.js'), styles: ['talk', 'transcript'] },
    broadcasts: { load: () => import('./pages/broadcasts.js'), styles: ['parts', 'captions', 'broadcasts'] },
    history: { load: () => import('./pages/history.js'), styles: ['parts', 'history'] },
    memory: { load: () => import('./pages/memory.js'), styles: ['parts', 'memory'] },
    agents: { load: () => import('./pages/agents.js'), styles: ['parts', 'agents'] },
    usage: { load: () => import('./pages/usage.js'), styles: ['parts', 'usage'] },
  },
  onOpen: showPlace,
  onFailure: showFailure,
});

live.addEventListener('change', oncePerFrame(() => renderLiveChip(live)));
live.addEventListener('change', stayAwake);
addEventListener('pagehide', () => live.leave());
byID('skip').addEventListener('click', (event) => {
  // The part behind # is the page's address, so a plain link would leave the page.
  event.preventDefault();
  byID('page').focus();
});

wireDrawer(live, byID('events'));
router.start();
greet();

/** A phone that locks itself ends the talk. What keeps it from that is loaded with the first one. */
async function stayAwake() {
  const isTalking = live.isRunning && live.hasMicrophone;
  if (!isTalking && !awake) return;
  awake ??= import('./wake-lock.js').then(({ keepAwake }) => keepAwake(), () => () => {});
  const want = await awake;
  want(live.isRunning && live.hasMicrophone);
}

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

/** Asks which upstream is used until the broker answers. */
async function greet() {
  try {
    renderUpstream(await api.health());
  } catch (error) {
    renderUpstreamProblem(error);
    setTimeout(greet, HEALTH_RETRY_MS);
  }
}
