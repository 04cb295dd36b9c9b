// Wires the models to the views.

import * as api from './api.js';
import { oncePerFrame, oneAtATime } from './coalesce.js';
import { LiveSession } from './live-session.js';
import { Outbox } from './outbox.js';
import { openStorage } from './storage.js';
import { ComposerView } from './views/composer.js';
import { byID, counted, setText } from './views/dom.js';
import { EventLogView } from './views/event-log.js';
import { renderMemory, renderSessions } from './views/memory.js';
import { StageView } from './views/stage.js';
import { StoredView } from './views/stored.js';
import { TranscriptView } from './views/transcript.js';
import { renderUpstream, renderUpstreamProblem } from './views/upstream.js';

const RECENT_SESSIONS = 4;
const HEALTH_RETRY_MS = 5_000;

const outbox = new Outbox({ storage: openStorage(), post: api.storeMessage });
const live = new LiveSession({ outbox });
/** What became of each item: `{state: 'waiting' | 'stored' | 'refused', messageID, reason}`. */
const storedItems = new Map();
let isRefusalShown = false;

const stage = new StageView(live, { onStart: start, onEnd: () => live.end() });
const transcript = new TranscriptView();
const composer = new ComposerView(live, outbox);
const stored = new StoredView({
  onContinue: (id) => start({ ...stage.options, conversation_id: id }),
});
const eventLog = new EventLogView();

const render = oncePerFrame(() => {
  stage.render();
  composer.render();
  renderMemory(live.session);
  transcript.render(live, storedItems);
});
const refreshStored = oneAtATime(() => stored.refresh());
// Should it fail, then so does the list of conversations, which says why.
const refreshSessions = oneAtATime(async () => {
  const sessions = await api.listSessions({ limit: RECENT_SESSIONS }).catch(() => null);
  if (sessions) renderSessions(sessions.data);
});

live.addEventListener('change', render);
live.addEventListener('event', ({ detail }) => eventLog.add(detail));
live.addEventListener('finished', refreshSessions);
live.addEventListener('finished', refreshStored);

outbox.addEventListener('added', ({ detail: { entry } }) => mark(entry, { state: 'waiting' }));
outbox.addEventListener('stored', ({ detail: { entry, message } }) => {
  mark(entry, { state: 'stored', messageID: message.id });
  showStoring('');
  stored.stored(message);
  refreshStored();
});
outbox.addEventListener('refused', ({ detail: { entry, error } }) => {
  mark(entry, { state: 'refused', reason: error.message });
  showStoring(`A message was not stored. ${error.message}.`, { isRefusal: true });
});
outbox.addEventListener('delayed', ({ detail: { error } }) => {
  showStoring(`${counted(outbox.size, 'message')} still to store. ${error.message}.`);
});

addEventListener('online', () => outbox.resume());
addEventListener('pagehide', () => live.leave());

render();
open();

/** Starts a session in place of a running one. This page types, so it asks for text alone. */
async function start(options) {
  isRefusalShown = false;
  showStoring('');
  storedItems.clear();
  transcript.clear();
  await live.start({ ...options, session: { output_modalities: ['text'] } });
  refreshSessions();
}

/** A refusal stays until the next session; delays go once something is stored. */
function showStoring(text, { isRefusal = false } = {}) {
  if (isRefusalShown && text === '') return;
  isRefusalShown = isRefusal;
  setText(byID('storing'), text);
}

function mark(entry, fields) {
  const id = entry.message.item_id;
  storedItems.set(id, { ...storedItems.get(id), ...fields });
  render();
}

/** Shows what is there once the broker answers, and posts what an earlier visit left unsent. */
async function open() {
  try {
    renderUpstream(await api.health());
  } catch (error) {
    renderUpstreamProblem(error);
    setTimeout(open, HEALTH_RETRY_MS);
    return;
  }
  // The first of these makes a new browser known, so the others wait for it.
  await refreshSessions();
  refreshStored();
  outbox.resume();
}
