import { heardText } from '../../realtime/items.js';
import { make, setText } from '../dom.js';

const speakers = { user: 'You', assistant: 'Assistant', system: 'System' };

/** One turn: who, what, and what became of it. */
export class TurnView {
  #heard = make('span');
  #unheard = make('s', { className: 'unheard', title: 'Not heard any more' });
  #mark = make('p', { className: 'mark' });
  #item = null;
  element;

  constructor(role) {
    this.element = make(
      'li',
      { className: 'turn', data: { role } },
      make('p', { className: 'unseen', textContent: `${speakers[role] ?? role}:` }),
      make('p', { className: 'text', dir: 'auto' }, this.#heard, this.#unheard),
      this.#mark,
    );
  }

  show(item, { heard, unheard } = heardText(item)) {
    if (item === this.#item) return;
    this.#item = item;
    setText(this.#heard, heard || (unheard ? '' : wordless(item)));
    setText(this.#unheard, unheard);
    this.#unheard.hidden = unheard === '';
    this.element.dataset.status = item.status;
    setText(this.#mark, mark(item));
    this.#mark.hidden = this.#mark.textContent === '';
  }
}

/** What stands where nothing was written down, or is not yet. */
function wordless({ status, isSpoken, failure }) {
  if (status === 'in_progress' || failure) return '…';
  return isSpoken ? 'No words' : '';
}

function mark({ role, status, isRefused, isWaiting, isElsewhere, failure }) {
  if (isWaiting) return isElsewhere ? 'Waits for the conversation that it was typed in' : 'Waits to be sent';
  if (isRefused) return 'Not taken';
  if (failure) return 'Could not be transcribed';
  return role === 'assistant' && status === 'incomplete' ? 'Interrupted' : '';
}
