import { byID } from '../dom.js';

/** Where the user types, beside talking or instead. */
export class ComposerView {
  #live;
  #start;

  constructor(live, { start }) {
    this.#live = live;
    this.#start = start;
    byID('composer').addEventListener('submit', (event) => {
      event.preventDefault();
      this.#submit();
    });
    byID('text').addEventListener('keydown', (event) => {
      // Enter that ends a composition, as in Japanese, is not meant to send.
      if (event.key !== 'Enter' || event.shiftKey || event.isComposing) return;
      event.preventDefault();
      this.#submit();
    });
  }

  render() {}

  #submit() {
    const field = byID('text');
    const text = field.value.trim();
    if (text === '' || !this.#live.say(text)) return;
    field.value = '';
    if (!this.#live.isRunning) this.#start({ isTyped: true });
  }
}
