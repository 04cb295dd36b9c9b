import { ask } from '../broadcasts/ask.js';
import { BroadcastListener } from '../broadcasts/listener.js';
import { keepAwake } from '../wake-lock.js';
import { describe, gapText } from '../broadcasts/words.js';
import { oncePerFrame } from '../coalesce.js';
import { CaptionsView } from '../views/broadcasts/captions-view.js';
import { byID, make, setText } from '../views/dom.js';
import { chooseLanguage, keepLanguage } from './address.js';
import { showControls } from './controls.js';
import { makeScroller, showState } from './state.js';

/** Captions that stay for screen readers. */
const MOST_SPOKEN = 5;

/** A broadcast that goes on, or has not begun. */
export function openLive(broadcast, address, { refuse, openArchive }) {
  const { id, token } = address;
  const closing = new AbortController();
  const { signal } = closing;
  const language = chooseLanguage(broadcast, address.language);
  const check = (options) => ask(id, '', {}, { token, ...options });
  const listener = new BroadcastListener({ id, token, language, check });
  const wantAwake = keepAwake(signal);
  const note = make('div', { className: 'listen-note' });
  const scroller = makeScroller();
  const view = new CaptionsView(scroller, { id, token, signal }, note);
  byID('page').replaceChildren(scroller, view.back);
  const leave = (next) => {
    closing.abort();
    listener.close();
    byID('controls').hidden = true;
    next();
  };
  const toArchive = () =>
    leave(() => openArchive(broadcast, { ...address, language: listener.language }).catch(refuse));
  const render = oncePerFrame(() => {
    if (signal.aborted) return;
    if (listener.phase === 'refused') return leave(() => refuse(listener.problem));
    wantAwake(listener.isSpeaking);
    view.show(listener.captions, listener.language);
    showNote(note, listener, toArchive);
  });
  listener.addEventListener('change', render);
  listener.addEventListener('said', ({ detail }) => {
    view.count();
    speak(detail);
  });
  showControls(broadcast, listener, signal, () => keepLanguage(address, listener.language));
}

/** The state in words, where the next caption will stand. */
function showNote(note, listener, toArchive) {
  const state = describe(listener);
  const [kind, , text] = state;
  const isOpen = listener.phase === 'open';
  showState(state);
  setText(byID('facts'), isOpen ? `${listener.listeners.toLocaleString()} listening` : '');
  note.dataset.kind = kind;
  note.hidden = text === '';
  if (note.firstChild?.textContent === text) return;
  note.replaceChildren(make('p', { textContent: text }));
  if (listener.phase !== 'ended') return;
  const all = make('button', { type: 'button', className: 'primary' }, 'Read or save all of it');
  all.addEventListener('click', toArchive);
  note.append(all);
}

/** Screen readers say each caption once, when it is whole. */
function speak(caption) {
  const isGap = caption.kind === 'gap';
  const textContent = isGap ? gapText(caption) : caption.text;
  const log = byID('spoken');
  log.append(make('p', { lang: isGap ? 'en' : caption.language, textContent }));
  if (log.childElementCount > MOST_SPOKEN) log.firstElementChild.remove();
}

