import { pageHash } from '../../router.js';
import { byID, make } from '../dom.js';
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
    discard.addEventListener('click', () => this.#discard());
    this.element = this.#turn.element;
    this.element.append(make('p', { className: 'waiting' }, this.#go, discard));
  }

  /** The focus goes on to the next of them, or to where the next text is typed. */
  #discard() {
    const { nextElementSibling: next, previousElementSibling: previous } = this.element;
    const other = [next, previous].map((row) => row?.querySelector('.waiting button')).find(Boolean);
    (other ?? byID('text')).focus();
    this.#live.discard(this.#entry.id);
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
