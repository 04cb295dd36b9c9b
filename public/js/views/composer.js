import { byID, setText } from './dom.js';

/** Where the user types. Enter sends, Shift and Enter makes a line, Escape cuts an answer short. */
export class ComposerView {
  #live;
  #outbox;

  constructor(live, outbox) {
    this.#live = live;
    this.#outbox = outbox;
    const field = byID('text');
    byID('composer').addEventListener('submit', (event) => {
      event.preventDefault();
      if (this.#isAnswering) live.stopAnswer();
      else this.#send();
    });
    field.addEventListener('keydown', (event) => {
      if (event.key === 'Escape' && this.#isAnswering) live.stopAnswer();
      if (event.key !== 'Enter' || event.shiftKey || event.isComposing) return;
      event.preventDefault();
      this.#send();
    });
    field.addEventListener('input', () => this.render());
  }

  get #isAnswering() {
    return this.#live.state === 'thinking' || this.#live.state === 'answering';
  }

  render() {
    const field = byID('text');
    const isLive = this.#live.phase === 'live';
    if (field.disabled === isLive) {
      field.disabled = !isLive;
      if (isLive) field.focus();
    }
    const canSend = isLive && field.value.trim() !== '' && !this.#outbox.isFull;
    byID('send').disabled = !canSend && !this.#isAnswering;
    setText(byID('send'), this.#isAnswering ? 'Stop' : 'Send');
  }

  /** While an answer runs the text stays in the field: upstream makes one response at a time. */
  #send() {
    const field = byID('text');
    const text = field.value.trim();
    if (this.#live.state !== 'ready' || text === '' || this.#outbox.isFull) return;
    if (this.#live.say(text)) field.value = '';
  }
}
