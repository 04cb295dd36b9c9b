import { pageHash } from '../../router.js';
import { make } from '../dom.js';
import { TurnView } from './turn.js';

/** What was typed and is on no way yet: it can be given up. */
export class WaitingView {
  element;
  #live;
  #entry;
  #turn = new TurnView('user');
  #go;

  constructor(live, entry) {
    this.#live = live;
    this.#entry = entry;
    this.#go = make('a', { textContent: 'Continue that' });
    this.#go.href = pageHash('talk', { conversation: entry.conversationID });
    const discard = make('button', { type: 'button', className: 'quiet', textContent: 'Discard' });
    discard.addEventListener('click', () => live.discard(entry.id));
    this.element = this.#turn.element;
    this.element.append(make('p', { className: 'waiting' }, this.#go, discard));
  }

  render() {
    const { text, conversationID } = this.#entry;
    const current = this.#live.session?.conversation_id;
    const isElsewhere = conversationID !== null && conversationID !== current;
    this.#go.hidden = !isElsewhere;
    this.#turn.show({
      text, isElsewhere, role: 'user', status: 'in_progress', isWaiting: true, audioEndMs: null,
    });
  }
}
