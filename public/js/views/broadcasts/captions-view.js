import { oncePerFrame } from '../../coalesce.js';
import { isNearEnd, make, setText } from '../dom.js';
import { captionRow, showCaption } from './caption-row.js';

/** More than this stays only while one reads back; then the oldest go, and come again if wanted. */
const MOST_CAPTIONS = 1_000;

/**
 * Captions as they come, in something that scrolls. The end stays in sight until one scrolls back;
 * then a button says how many are new, and leads there.
 */
export class CaptionsView {
  /** Leads back to what is being said. */
  back = make('button', { type: 'button', className: 'to-live', hidden: true });
  #scroller;
  #source;
  #rows = make('ol', { className: 'captions' });
  #bySequence = new Map();
  #list = null;
  #language;
  #earlier = null;
  #isFollowing = true;
  #newCount = 0;
  #render = oncePerFrame(() => this.#update());

  /** `source` is the broadcast's `{id, token, signal}`; `after` stands below the captions. */
  constructor(scroller, source, after) {
    this.#scroller = scroller;
    this.#source = source;
    scroller.append(this.#rows, after);
    scroller.addEventListener('scroll', () => this.#scrolled(), { passive: true });
    this.back.addEventListener('click', () => this.#toEnd());
    const resizing = new ResizeObserver(() => this.#isFollowing && this.#stay());
    for (const element of [scroller, this.#rows, after]) resizing.observe(element);
  }

  /** Shows a list and what becomes of it; another list takes the place of the one before. */
  show(list, language) {
    if (list !== this.#list) {
      this.#list = list;
      this.#language = language;
      this.#bySequence.clear();
      this.#rows.replaceChildren();
      for (const sequence of list.sequences) list.changed.add(sequence);
      this.#setFollowing(true);
    }
    this.#render();
  }

  /** Something is new. */
  count() {
    this.#newCount += 1;
    this.#setFollowing(this.#isFollowing);
  }

  #toEnd() {
    this.#setFollowing(true);
    this.#stay();
    this.#scroller.focus({ preventScroll: true });
  }

  #update() {
    const list = this.#list;
    if (this.#isFollowing) list.trim(MOST_CAPTIONS);
    // From the end, as pages of what is older come before what is there.
    const changed = [...list.changed].sort((one, other) => other - one);
    list.changed.clear();
    for (const sequence of changed) this.#place(sequence);
    for (const sequence of changed) this.#fill(this.#bySequence.get(sequence));
    this.#earlier?.render();
    if (this.#earlier === null && list.first > 1) this.#openEarlier();
    if (this.#isFollowing) this.#stay();
  }

  /** A caption's row is where it belongs, or gone. */
  #place(sequence) {
    const known = this.#bySequence.get(sequence);
    if (!this.#list.get(sequence)) {
      known?.remove();
      this.#bySequence.delete(sequence);
    } else if (!known) {
      const row = captionRow(this.#language);
      row.dataset.sequence = sequence;
      this.#bySequence.set(sequence, row);
      this.#rows.insertBefore(row, this.#nextOf(sequence));
    }
  }

  /** The row that comes behind a sequence; most come first or last. */
  #nextOf(sequence) {
    const first = this.#rows.firstElementChild;
    if (!first || first.dataset.sequence > sequence) return first;
    let last = this.#rows.lastElementChild;
    while (last.dataset.sequence > sequence) last = last.previousElementSibling;
    return last.nextElementSibling;
  }

  /** Shows a row's caption, and the one behind it: another may speak there. */
  #fill(row) {
    for (const shown of [row, row?.nextElementSibling]) {
      const caption = this.#captionIn(shown);
      if (caption) showCaption(shown, caption, this.#captionIn(shown.previousElementSibling));
    }
  }

  #captionIn(row) {
    return row ? this.#list.get(Number(row.dataset.sequence)) : undefined;
  }

  /** Few scroll back, so it comes when there is something to scroll back to. */
  async #openEarlier() {
    this.#earlier = undefined;
    const module = await import('./earlier.js').catch(() => null);
    // It is tried again with the next caption.
    if (!module) return void (this.#earlier = null);
    this.#earlier = new module.Earlier(this.#scroller, {
      ...this.#source,
      language: () => this.#language,
      list: () => this.#list,
      show: () => this.#update(),
    });
    this.#rows.before(this.#earlier.element);
  }

  #stay() {
    this.#scroller.scrollTop = this.#scroller.scrollHeight;
  }

  #scrolled() {
    this.#setFollowing(isNearEnd(this.#scroller));
  }

  #setFollowing(isFollowing) {
    this.#isFollowing = isFollowing;
    if (isFollowing) this.#newCount = 0;
    this.back.hidden = isFollowing;
    setText(this.back, `Back to live${this.#newCount ? ` · ${this.#newCount} new` : ''}`);
  }
}
