import { endBroadcast, getBroadcast } from '../../broadcasts/api.js';
import { BroadcastListener } from '../../broadcasts/listener.js';
import { leavePage, speakerOf } from '../../broadcasts/on-air.js';
import { oncePerFrame } from '../../coalesce.js';
import { make } from '../dom.js';
import { confirmed } from '../dialog.js';
import { showBriefly } from '../toast.js';
import { InviteCard } from './invite-card.js';
import { LanguagesCard } from './languages-card.js';
import { LiveText } from './live-text.js';
import { Stage } from './stage.js';
import { titleOf } from './words.js';

/** Where one speaks in a broadcast, and sees what becomes of it. */
export class Studio {
  element = make('div', { className: 'studio' });
  #context;
  #broadcast;
  #speaker;
  #listener;
  #parts;
  #options;
  #isEnding = false;

  /** `onState` hears of the state for the head; `onEnd` when the broadcast has ended. */
  constructor(context, broadcast, options) {
    const { signal } = options;
    this.#context = context;
    this.#broadcast = broadcast;
    this.#options = options;
    this.#speaker = speakerOf(broadcast);
    this.#listener = new BroadcastListener({
      id: broadcast.id,
      language: broadcast.source_language,
      check: (how) => getBroadcast(broadcast.id, how),
    });
    const stage = new Stage(this.#speaker, { signal, onEnd: () => this.#end() });
    const text = new LiveText(broadcast, this.#listener, signal);
    const languages = new LanguagesCard(broadcast);
    const invite = new InviteCard(broadcast, signal);
    this.#parts = [stage, text, languages];
    const side = make('div', { className: 'studio-side' }, stage.element, languages.element);
    this.element.append(side, text.element, invite.element);
    this.#watch(signal);
  }

  #watch(signal) {
    const render = oncePerFrame(() => signal.aborted || this.#render());
    this.#speaker.addEventListener('change', render, { signal });
    this.#listener.addEventListener('change', render, { signal });
    signal.addEventListener('abort', () => {
      this.#listener.close();
      if (!this.#isEnding) leavePage(this.#speaker, titleOf(this.#broadcast));
    });
    this.#render();
  }

  #render() {
    const speaker = this.#speaker;
    const listener = this.#listener;
    if (listener.phase === 'ended') return this.#ended();
    for (const part of this.#parts) part.render(speaker, listener);
    this.#options.onState(stateOf(speaker, listener));
  }

  async #end() {
    const isWanted = await confirmed({
      title: `End “${titleOf(this.#broadcast)}”?`,
      text: 'Nobody can speak in it any more. What was said stays, for you and for those who may '
        + 'listen. To go on later, stop speaking instead.',
      action: 'End broadcast',
    });
    if (!isWanted) return;
    try {
      await endBroadcast(this.#broadcast.id);
      this.#ended();
    } catch (error) {
      showBriefly(`It could not be ended. ${error.message}.`);
    }
  }

  #ended() {
    if (this.#isEnding) return;
    this.#isEnding = true;
    this.#speaker.stop('ended');
    this.#context.announce('The broadcast has ended');
    this.#options.onEnd();
  }
}

const live = { kind: 'live', name: 'Live' };

function stateOf(speaker, listener) {
  if (speaker.state === 'live') return live;
  if (speaker.state === 'reconnecting') return { kind: 'trouble', name: 'Reconnecting' };
  if (speaker.isOn) return { kind: 'busy', name: 'Connecting' };
  if (listener.isSpeaking) return { kind: 'live', name: 'Live elsewhere' };
  return { kind: 'off', name: listener.isBegun ? 'Paused' : 'Not begun' };
}
