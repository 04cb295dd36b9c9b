import { oncePerFrame } from '../coalesce.js';
import { pageHash } from '../router.js';
import { byID, make } from '../views/dom.js';
import { ComposerView } from '../views/talk/composer.js';
import { MemoryChip } from '../views/talk/memory-chip.js';
import { Preferences } from '../views/talk/preferences.js';
import { PushToTalk } from '../views/talk/push-to-talk.js';
import { StageView } from '../views/talk/stage.js';
import { Starting } from '../views/talk/starting.js';
import { TranscriptView } from '../views/talk/transcript.js';
import { showBriefly } from '../views/toast.js';

const icon = (name) => `<svg class="icon" aria-hidden="true"><use href="icons.svg#${name}"/></svg>`;

const markup = `<h1 class="unseen">Talk</h1>
  <section class="stage" aria-label="Session">
    <button id="orb" class="orb" type="button" aria-describedby="state">
      <span class="halo"></span><span class="ball"><i></i><i></i></span>${icon('talk')}
    </button>
    <div class="doing">
      <p id="state" class="state"></p>
      <p id="state-text" class="muted"></p>
    </div>
    <div id="problem" class="trouble" role="alert"></div>
    <div class="buttons">
      <button id="mute" class="round" type="button" aria-pressed="false">
        ${icon('talk')}<span class="level" aria-hidden="true"><i id="level"></i></span>
      </button>
      <button id="toggle" class="primary pill" type="button"></button>
      <button id="settings" class="round" type="button" aria-haspopup="dialog"
        aria-label="Voice and settings" title="Voice and settings">${icon('settings')}</button>
    </div>
    <div class="chips">
      <button id="remembered" class="tag" type="button" aria-haspopup="dialog" hidden></button>
      <span id="transport" class="tag" hidden></span>
      <button id="continue" class="tag" type="button" hidden>Continue this conversation</button>
    </div>
  </section>

  <section class="said" aria-label="Conversation">
    <div id="scroller" class="scroller" tabindex="0" role="log" aria-label="Transcript">
      <div id="empty" class="invitation">
        <p>Say something about yourself. Every word is kept.</p>
        <p class="muted">The next time you talk, it is remembered.</p>
      </div>
      <ol id="transcript" class="transcript"></ol>
    </div>
    <form id="composer" class="composer">
      <label class="unseen" for="text">Message</label>
      <textarea id="text" rows="1" dir="auto" placeholder="Type a message" maxlength="100000"></textarea>
      <button class="primary send" type="submit" aria-label="Send" title="Send">${icon('send')}</button>
    </form>
  </section>`;

/** Opens the page; `params` may name an `agent` to talk with and a `conversation` to continue. */
export function open(root, { api, live, announce }, { agent, conversation }) {
  const closing = new AbortController();
  const whileOpen = { signal: closing.signal };
  const preferences = new Preferences();
  root.append(make('div', { className: 'talk', innerHTML: markup }));

  const starting = new Starting(live, api, preferences);
  const stage = new StageView(live, { starting, announce });
  const views = [
    stage,
    new TranscriptView(live, api),
    new ComposerView(live, starting),
    new MemoryChip(live, api),
  ];
  const pushToTalk = new PushToTalk(live, byID('orb'), closing.signal);
  const render = oncePerFrame(() => {
    if (!closing.signal.aborted) views.forEach((view) => view.render());
  });
  live.addEventListener('change', render, whileOpen);
  byID('settings').addEventListener('click', () => openSettings(live, api, preferences));
  views.forEach((view) => view.render());

  if (agent || conversation) {
    // It is taken up once: neither a reload nor the way back does so again.
    history.replaceState(null, '', pageHash('talk'));
    const { session, options, isRunning } = live;
    const current = session?.conversation_id ?? options.conversation_id;
    const isOn = isRunning && conversation !== undefined && conversation === current;
    if (!isOn) starting.start({ agent_id: agent, conversation_id: conversation });
  }
  return {
    close: () => {
      closing.abort();
      pushToTalk.close();
      stage.close();
    },
  };
}

/** What few look at is loaded when they do. */
async function openSettings(live, api, preferences) {
  try {
    const { SettingsDialog } = await import('../views/talk/settings.js');
    await new SettingsDialog(live, api, preferences).open();
  } catch {
    showBriefly('The settings could not be loaded: the broker cannot be reached.');
  }
}
