import { voiceTitle, voices } from '../../voices.js';
import { make, setText } from '../dom.js';
import { VoicePreview } from './voice-preview.js';

/** All voices to choose from, each of which can be heard. */
export class VoiceList {
  #preferences;
  #preview;
  #problem = make('p', { className: 'problem', role: 'alert' });
  element;

  constructor(api, preferences) {
    this.#preferences = preferences;
    this.#preview = new VoicePreview(api);
    const note = 'To hear a voice costs a few tokens.';
    this.element = make(
      'fieldset',
      { className: 'voices' },
      make('legend', { textContent: 'Voice' }),
      make('div', { className: 'voice-grid' }, this.#usual, ...voices.map((name) => this.#row(name))),
      make('p', { className: 'muted', textContent: note }),
      this.#problem,
    );
  }

  close() {
    this.#preview.close();
  }

  /** None is chosen here. */
  get #usual() {
    return make('div', { className: 'voice usual' }, this.#choice('', 'The agent’s or the broker’s'));
  }

  #choice(name, title) {
    const input = make('input', { type: 'radio', name: 'voice', value: name });
    input.checked = (this.#preferences.values.voice ?? '') === name;
    input.addEventListener('change', () => this.#preferences.set('voice', name));
    return make('label', {}, input, make('strong', { textContent: title }));
  }

  #row(name) {
    const title = voiceTitle(name);
    const listen = make('button', { type: 'button', className: 'quiet', textContent: 'Hear' });
    listen.setAttribute('aria-label', `Hear ${title}`);
    listen.addEventListener('click', () => this.#hear(name, listen));
    return make('div', { className: 'voice' }, this.#choice(name, title), listen);
  }

  async #hear(name, button) {
    setText(this.#problem, '');
    setText(button, '…');
    try {
      await this.#preview.play(name);
    } catch (error) {
      setText(this.#problem, error.message);
    }
    setText(button, 'Hear');
  }
}
