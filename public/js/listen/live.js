import { ask } from '../broadcasts/ask.js';
import { BroadcastListener } from '../broadcasts/listener.js';
import { describe, gapText } from '../broadcasts/words.js';
import { oncePerFrame } from '../coalesce.js';
import { CaptionsView } from '../views/broadcasts/captions-view.js';
import { byID, make, setText } from '../views/dom.js';
import { chooseLanguage, keepLanguage } from './address.js';
import { showControls } from './controls.js';
import { makeScroller, showState } from './state.js';

/** Captions that stay for those who hear the page; each is said once, when it comes. */
const MOST_SPOKEN = 5;

/** A broadcast that goes on, or has not begun. */
export function openLive(broadcast, address, { refuse, openArchive }) {
  const { id, token } = address;
  const closing = new AbortController();
  const { signal } = closing;
  const language = chooseLanguage(broadcast, address.language);
  const check = (options) => ask(id, '', {}, { token, ...options });
  const listener = new BroadcastListener({ id, token, language, check });
  const note = make('div', { className: 'listen-note' });
  const scroller = makeScroller();
  const view = new CaptionsView(scroller, { id, token, signal }, note);
  byID('page').replaceChildren(scroller, view.back);
  const leave = () => {
    closing.abort();
    listener.close();
    byID('controls').hidden = true;
    byID('spoken').replaceChildren();
  };
  const toArchive = () => {
    leave();
    openArchive(broadcast, { ...address, language: listener.language }).catch(refuse);
  };
  const render = oncePerFrame(() => {
    if (signal.aborted) return;
    if (listener.phase === 'refused') {
      leave();
      return refuse(listener.problem);
    }
    view.show(listener.captions, listener.language);
    showNote(note, listener, toArchive);
  });
  listener.addEventListener('change', render);
  listener.addEventListener('said', ({ detail }) => {
    view.count();
    speak(detail);
  });
  keepAwake(listener, signal);
  showControls(broadcast, listener, signal, () => keepLanguage(address, listener.language));
}

/** Says in words what the state is, where the next caption will stand. */
function showNote(note, listener, toArchive) {
  const state = describe(listener);
  const { listeners, phase } = listener;
  showState(state);
  setText(byID('facts'), phase === 'open' ? `${listeners.toLocaleString()} listening` : '');
  note.dataset.kind = state.kind;
  note.hidden = state.text === '';
  if (note.firstChild?.textContent === state.text) return;
  note.replaceChildren(make('p', { textContent: state.text }));
  if (phase !== 'ended') return;
  const all = make('button', { type: 'button', className: 'primary' }, 'Read or save all of it');
  all.addEventListener('click', toArchive);
  note.append(all);
}

/** Those who hear the page are told each caption once, when it is whole. */
function speak(caption) {
  const isGap = caption.kind === 'gap';
  const textContent = isGap ? gapText(caption) : caption.text;
  const log = byID('spoken');
  log.append(make('p', { lang: isGap ? 'en' : caption.language, textContent }));
  if (log.childElementCount > MOST_SPOKEN) log.firstElementChild.remove();
}

/** The screen stays on while somebody speaks, where the browser can. */
async function keepAwake(listener, signal) {
  if (!navigator.wakeLock) return;
  const { WakeLock } = await import('../broadcasts/wake-lock.js');
  const lock = new WakeLock(signal);
  const look = () => lock.want(listener.phase === 'open' && listener.isSpeaking);
  listener.addEventListener('change', look);
  look();
}
