import { make, setText } from '../views/dom.js';

/**
 * Turns the translation's voice on and off. It is off at first: browsers play sound only after a
 * press.
 */
export class VoiceButton {
  element = make('button', { type: 'button', className: 'voice' });
  #source;
  #listener;
  #voice = null;
  #language;

  constructor({ source_language: source }, listener, signal) {
    this.#source = source;
    this.#listener = listener;
    this.#language = listener.language;
    this.element.addEventListener('click', () => this.#toggle());
    listener.addEventListener('voice', ({ detail }) => this.#voice?.hear(detail));
    listener.addEventListener('change', () => this.#show());
    signal.addEventListener('abort', () => this.#voice?.close());
    this.#show();
  }

  async #toggle() {
    if (this.#voice) {
      this.#voice.close();
      this.#voice = null;
      this.element.dataset.isPlaying = false;
    } else {
      this.element.disabled = true;
      const module = await import('./voice.js').catch(() => null);
      const tell = (isPlaying) => (this.element.dataset.isPlaying = isPlaying);
      this.#voice = module && new module.Voice(tell);
    }
    this.#listener.setAudio(this.#voice !== null);
    this.#show();
  }

  #show() {
    const { language } = this.#listener;
    if (language !== this.#language) this.#voice?.silence();
    this.#language = language;
    // Who speaks has a voice already.
    this.element.disabled = language === this.#source;
    this.element.setAttribute('aria-pressed', String(this.#voice !== null));
    setText(this.element, this.#voice ? 'Voice on' : 'Voice');
  }
}
