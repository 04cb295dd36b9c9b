// Today's talk page: typed sessions straight to upstream.

import { oncePerFrame, oneAtATime } from '../coalesce.js';
import { ComposerView } from '../views/composer.js';
import { byID, counted, make, setText } from '../views/dom.js';
import { EventLogView } from '../views/event-log.js';
import { renderMemory, renderSessions } from '../views/memory.js';
import { StageView } from '../views/stage.js';
import { StoredView } from '../views/stored.js';
import { TranscriptView } from '../views/transcript.js';

const RECENT_SESSIONS = 4;
/** What became of each item: `{state: 'waiting' | 'stored' | 'refused', messageID, reason}`. */
const storedItems = new Map();

const markup = `<h1 class="unseen">Talk</h1>
  <div class="side">
    <section class="stage card" aria-labelledby="state">
      <div class="presence">
        <div id="orb" class="orb" data-state="idle" aria-hidden="true"><i></i><i></i><b></b></div>
        <div role="status">
          <h2 id="state">Idle</h2>
          <p id="state-text" class="muted">Nothing is connected.</p>
        </div>
      </div>

      <form id="start" class="options">
        <button class="primary" type="submit">Start a session</button>
        <button id="continue" type="button" hidden>Continue conversation</button>
        <fieldset id="options">
          <legend class="unseen">Options of the session</legend>
          <label>Voice
            <select name="voice">
              <option value="">Default</option>
              <option>marin</option><option>cedar</option><option>alloy</option><option>ash</option>
              <option>ballad</option><option>coral</option><option>echo</option><option>sage</option>
              <option>shimmer</option><option>verse</option>
            </select>
          </label>
          <label>Greeting
            <input name="greeting" maxlength="4000" placeholder="None" autocomplete="off">
          </label>
          <label>Instructions
            <textarea name="instructions" rows="3" placeholder="The broker’s default"></textarea>
          </label>
        </fieldset>
      </form>

      <div id="running" hidden>
        <button id="end" type="button">End the session</button>
        <details id="details" class="fold">
          <summary class="muted">Details</summary>
          <dl id="facts" class="facts"></dl>
        </details>
      </div>
    </section>

    <section class="memory card" aria-labelledby="memory-title">
      <h2 id="memory-title">What it remembers</h2>
      <div id="memory"></div>
      <h3 id="sessions-title" class="muted">Recent sessions</h3>
      <ol id="sessions" class="sessions" aria-labelledby="sessions-title"></ol>
    </section>
  </div>

  <section class="live card" aria-labelledby="live-title">
    <header class="bar">
      <h2 id="live-title">Live</h2>
      <p id="storing" class="muted" role="status"></p>
    </header>
    <div id="scroller" class="scroller" tabindex="0" role="log" aria-label="Transcript">
      <ol id="empty" class="steps">
        <li>Start a session, and say something about yourself.</li>
        <li>End it. Every word is stored.</li>
        <li>Start another, and ask what it remembers.</li>
      </ol>
      <ol id="transcript" class="transcript"></ol>
    </div>
    <form id="composer" class="composer">
      <label class="unseen" for="text">Message</label>
      <textarea id="text" rows="1" placeholder="Type a message" disabled></textarea>
      <button id="send" class="primary" type="submit" disabled>Send</button>
    </form>
  </section>

  <section class="stored card" aria-labelledby="stored-title">
    <header class="bar">
      <button id="back" class="quiet" type="button" hidden>← All</button>
      <h2 id="stored-title">Stored</h2>
      <p id="stored-text" class="muted"></p>
    </header>
    <p id="stored-problem" class="problem" role="alert"></p>
    <div id="stored" class="scroller" tabindex="0" role="region" aria-labelledby="stored-title"></div>
  </section>

  <details id="log" class="log fold card">
    <summary><h2>Events</h2> <span id="log-count" class="muted">0</span></summary>
    <div class="bar">
      <input id="log-filter" type="search" placeholder="Filter" aria-label="Filter events by type or id">
      <select id="log-direction" aria-label="Direction">
        <option value="">Both ways</option><option value="sent">Sent</option><option value="received">Received</option>
      </select>
      <button id="log-clear" class="quiet" type="button">Clear</button>
    </div>
    <ol id="log-list" class="events"></ol>
  </details>`;

/** Opens the page; `params` may name an `agent` to talk with or a `conversation` to continue. */
export function open(root, { api, live, outbox }, params) {
  const closing = new AbortController();
  const whileOpen = { signal: closing.signal };
  root.append(make('div', { className: 'talk', innerHTML: markup }));
  let isRefusalShown = false;

  const stage = new StageView(live, { onStart: start, onEnd: () => live.end() });
  const transcript = new TranscriptView();
  const composer = new ComposerView(live, outbox);
  const stored = new StoredView({
    onContinue: (id) => start({ ...stage.options, conversation_id: id }),
  });
  const eventLog = new EventLogView();

  const render = oncePerFrame(() => {
    if (closing.signal.aborted) return;
    stage.render();
    composer.render();
    renderMemory(live.session);
    transcript.render(live, storedItems);
  });
  const refreshStored = oneAtATime(async () => {
    if (!closing.signal.aborted) await stored.refresh();
  });
  // Should it fail, then so does the list of conversations, which says why.
  const refreshSessions = oneAtATime(async () => {
    const sessions = await api.listSessions({ limit: RECENT_SESSIONS }).catch(() => null);
    if (sessions && !closing.signal.aborted) renderSessions(sessions.data);
  });

  live.addEventListener('change', render, whileOpen);
  live.addEventListener('event', ({ detail }) => eventLog.add(detail), whileOpen);
  live.addEventListener('finished', refreshSessions, whileOpen);
  live.addEventListener('finished', refreshStored, whileOpen);
  outbox.addEventListener('added', ({ detail: { entry } }) => {
    mark(entry, { state: 'waiting' });
  }, whileOpen);
  outbox.addEventListener('stored', ({ detail: { entry, message } }) => {
    mark(entry, { state: 'stored', messageID: message.id });
    showStoring('');
    stored.stored(message);
    refreshStored();
  }, whileOpen);
  outbox.addEventListener('refused', ({ detail: { entry, error } }) => {
    mark(entry, { state: 'refused', reason: error.message });
    showStoring(`A message was not stored. ${error.message}.`, { isRefusal: true });
  }, whileOpen);
  outbox.addEventListener('delayed', ({ detail: { error } }) => {
    showStoring(`${counted(outbox.size, 'message')} still to store. ${error.message}.`);
  }, whileOpen);

  render();
  refreshSessions();
  refreshStored();
  if (params.agent) start({ ...stage.options, agent_id: params.agent });
  else if (params.conversation) start({ ...stage.options, conversation_id: params.conversation });
  return { close: () => closing.abort() };

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
}
