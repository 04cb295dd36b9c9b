import { openStorage } from '../../storage.js';
import { byID } from '../dom.js';

const KEY = 'broker.draft';
/** Of this tab alone, and there again after a reload. */
const storage = openStorage('sessionStorage');

/** Where the user types, beside talking or instead. */
export class ComposerView {
  #live;
  #starting;

  constructor(live, starting) {
    this.#live = live;
    this.#starting = starting;
    byID('composer').addEventListener('submit', (event) => {
      event.preventDefault();
      this.#submit();
    });
    byID('text').value = storage.getItem(KEY) ?? '';
    byID('text').addEventListener('input', () => keep(byID('text').value));
    byID('text').addEventListener('keydown', (event) => {
      // Enter that ends a composition, as in Japanese, is not meant to send; Safari tells by a code.
      const isComposing = event.isComposing || event.keyCode === 229;
      if (event.key !== 'Enter' || event.shiftKey || isComposing) return;
      event.preventDefault();
      this.#submit();
    });
  }

  render() {}

  #submit() {
    const field = byID('text');
    const text = field.value.trim();
    if (text === '') return;
    // It belongs to what is shown, so that comes first.
    if (this.#live.phase === 'error') this.#starting.again({ isTyped: true });
    if (!this.#live.isRunning) this.#starting.start({ ...this.#starting.carriedOn, isTyped: true });
    if (!this.#live.say(text)) return;
    field.value = '';
    keep('');
  }
}

function keep(text) {
  try {
    if (text === '') storage.removeItem(KEY);
    else storage.setItem(KEY, text);
  } catch {
    // Full or forbidden: it stands in the field as long as that.
  }
}
