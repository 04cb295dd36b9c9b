import { isNearEnd, make, setText } from '../dom.js';
import { captionRow, showCaption } from './caption-row.js';

/** While one follows; the oldest go, and come again when one scrolls back. */
const MOST_CAPTIONS = 1_000;

/**
 * Captions as they come. The end stays in sight until one scrolls back; then the button `back` says
 * how many are new, and leads there.
 */
export class CaptionsView {
  back = make('button', { type: 'button', className: 'primary to-live', hidden: true });
  #scroller;
  #source;
  #rows = make('ol', { className: 'captions' });
  /** Rows by sequence. */
  #shown = new Map();
  #list = null;
  #language;
  #earlier = null;
  #isFollowing = true;
  #newCount = 0;

  /** `source` is the broadcast's `{id, token, signal}`; `after` stands below the captions. */
  constructor(scroller, source, after) {
    this.#scroller = scroller;
    this.#source = source;
    scroller.append(this.#rows, after);
    scroller.addEventListener('scroll', () => this.#follow(isNearEnd(scroller)), { passive: true });
    this.back.addEventListener('click', () => {
      this.#follow(true);
      this.#stay();
      scroller.focus({ preventScroll: true });
    });
    const resizing = new ResizeObserver(() => this.#stay());
    for (const element of [scroller, this.#rows, after]) resizing.observe(element);
  }

  /** Shows a list and what becomes of it, in place of another. */
  show(list, language) {
    if (list !== this.#list) {
      this.#list = list;
      this.#language = language;
      this.#shown.clear();
      this.#rows.replaceChildren();
      list.changed = new Set(list.sequences);
      this.#follow(true);
    }
    this.#update();
  }

  /** Something is new. */
  count() {
    this.#newCount += 1;
    this.#follow(this.#isFollowing);
  }

  #update() {
    const list = this.#list;
    if (this.#isFollowing) list.trim(MOST_CAPTIONS);
    const order = list.sequences;
    // From the end, as each row goes before the one behind it.
    for (const sequence of [...list.changed].sort((one, other) => other - one)) {
      const index = order.indexOf(sequence);
      if (index < 0) this.#remove(sequence);
      // The one behind it may be somebody else's now.
      else for (const shown of [index, index + 1]) this.#showAt(shown, order);
    }
    list.changed.clear();
    this.#earlier?.render();
    if (this.#earlier === null && list.first > 1) this.#openEarlier();
    this.#stay();
  }

  #showAt(index, order) {
    const caption = this.#list.get(order[index]);
    if (!caption) return;
    if (!this.#shown.has(order[index])) {
      const row = captionRow(this.#language);
      this.#shown.set(order[index], row);
      this.#rows.insertBefore(row, this.#shown.get(order[index + 1]) ?? null);
    }
    showCaption(this.#shown.get(order[index]), caption, this.#list.get(order[index - 1]));
  }

  #remove(sequence) {
    this.#shown.get(sequence)?.remove();
    this.#shown.delete(sequence);
  }

  /** Few scroll back, so it comes when there is something before. */
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
    if (this.#isFollowing) this.#scroller.scrollTop = this.#scroller.scrollHeight;
  }

  #follow(isFollowing) {
    this.#isFollowing = isFollowing;
    if (isFollowing) this.#newCount = 0;
    this.back.hidden = isFollowing;
    setText(this.back, `Back to live${this.#newCount ? ` · ${this.#newCount} new` : ''}`);
  }
}
