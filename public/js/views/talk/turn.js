import { heardText } from '../../realtime/items.js';
import { make, setText } from '../dom.js';

const speakers = { user: 'You', assistant: 'Assistant', system: 'System' };

/** One turn: who, what, and what became of it. */
export class TurnView {
  #heard = make('span');
  #unheard = make('s', { className: 'unheard', title: 'Not heard any more' });
  #mark = make('p', { className: 'mark' });
  element;

  constructor(role) {
    this.element = make(
      'li',
      { className: 'turn', data: { role } },
      make('p', { className: 'unseen', textContent: `${speakers[role] ?? role}:` }),
      make('p', { className: 'text' }, this.#heard, this.#unheard),
      this.#mark,
    );
  }

  show(item, { heard, unheard } = heardText(item)) {
    const isAwaited = item.status === 'in_progress' || item.isSpoken;
    setText(this.#heard, heard || (isAwaited && !unheard ? '…' : ''));
    setText(this.#unheard, unheard);
    this.#unheard.hidden = unheard === '';
    this.element.dataset.status = item.status;
    setText(this.#mark, mark(item));
    this.#mark.hidden = this.#mark.textContent === '';
  }
}

function mark({ role, status, isRefused, isWaiting, failure }) {
  if (isWaiting) return 'Waits to be sent';
  if (isRefused) return 'Not taken';
  if (failure) return 'Could not be transcribed';
  return role === 'assistant' && status === 'incomplete' ? 'Interrupted' : '';
}
