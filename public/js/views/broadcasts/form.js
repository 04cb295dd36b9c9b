import { createBroadcast } from '../../broadcasts/api.js';
import { keepToken } from '../../broadcasts/invitation.js';
import { languageName } from '../../broadcasts/english-names.js';
import { offered } from '../../broadcasts/offered-languages.js';
import { pageHash } from '../../router.js';
import { make } from '../dom.js';

const byName = offered
  .map((code) => ({ code, name: languageName(code) }))
  .sort((one, other) => one.name.localeCompare(other.name));

const MODES = [
  ['translation', 'Captions and translations', 'What you say, and the same in other languages.'],
  ['transcription', 'Captions only', 'What you say, in your language.'],
];
const ACCESSES = [
  ['token', 'Who has the link', 'The link has a secret part, which you can replace.'],
  ['public', 'Everybody', 'Its address alone is enough.'],
];

/** Makes a broadcast. */
export class BroadcastForm {
  element = make('div', { className: 'broadcast-editor' });
  #form = make('form', { className: 'broadcast-form', noValidate: true });
  #title = make('input', { id: 'b-title', maxLength: 200, dir: 'auto', autocomplete: 'off' });
  #source = make('select', { id: 'b-source' });
  #others = make('input', { id: 'b-others', placeholder: 'pt-BR, zh-Hant', autocomplete: 'off' });
  #audio = make('input', { id: 'b-audio', type: 'checkbox' });
  #targets;
  #translated;
  #problem = make('p', { className: 'field-problem' });
  #create = make('button', { className: 'primary', textContent: 'Create' });

  constructor() {
    const back = make('a', { className: 'back', href: '#/broadcasts', textContent: '← Broadcasts' });
    const heading = make('h1', { textContent: 'New broadcast' });
    this.#problem.setAttribute('role', 'alert');
    for (const { code, name } of byName) this.#source.append(new Option(name, code));
    this.#source.value = 'en';
    this.#targets = make('div', { className: 'chips-grid' }, ...byName.map(languageChip));
    this.#translated = this.#translationFields();
    this.#form.append(
      field('Title', this.#title, 'What listeners see above the captions.'),
      choice('mode', 'What listeners get', MODES),
      field('You speak', this.#source),
      this.#translated,
      choice('access', 'Who may listen', ACCESSES),
      this.#problem,
      make('div', { className: 'actions' }, this.#create),
    );
    this.element.append(make('header', { className: 'page-head' }, back, heading), this.#form);
    this.#form.addEventListener('change', () => this.#show());
    this.#form.addEventListener('submit', (event) => {
      event.preventDefault();
      this.#submit();
    });
    this.#show();
  }

  #translationFields() {
    const legend = make('legend', { textContent: 'Translated to' });
    const languages = make('fieldset', { className: 'field' }, legend, this.#targets);
    const voice = make('label', { className: 'check' }, this.#audio, 'Translations are spoken, too');
    const hint = 'By their codes, with commas in between.';
    const more = field('Other languages', this.#others, hint);
    return make('div', { className: 'translated' }, languages, more, voice);
  }

  get #isTranslated() {
    return this.#form.elements.mode.value === 'translation';
  }

  /** What is spoken need not be translated to. */
  #show() {
    this.#translated.hidden = !this.#isTranslated;
    for (const box of this.#targets.querySelectorAll('input')) {
      box.disabled = box.value === this.#source.value;
      if (box.disabled) box.checked = false;
    }
  }

  get #languages() {
    if (!this.#isTranslated) return [];
    const chosen = [...this.#targets.querySelectorAll(':checked')].map(({ value }) => value);
    const typed = this.#others.value.split(',').map((code) => code.trim()).filter(Boolean);
    return [...new Set([...chosen, ...typed])];
  }

  async #submit() {
    const languages = this.#languages;
    if (this.#isTranslated && languages.length === 0) {
      return this.#say('Choose at least one language, or captions only.');
    }
    this.#create.disabled = true;
    this.#say('');
    try {
      const broadcast = await createBroadcast({
        title: this.#title.value.trim(),
        mode: this.#form.elements.mode.value,
        source_language: this.#source.value,
        languages,
        audio: this.#isTranslated && this.#audio.checked,
        access: this.#form.elements.access.value,
      });
      if (broadcast.listen_token) keepToken(broadcast.id, broadcast.listen_token);
      // Who has gone elsewhere stays there.
      if (this.element.isConnected) location.replace(pageHash('broadcasts', { id: broadcast.id }));
    } catch (error) {
      this.#say(`Not created. ${error.message}.`);
    } finally {
      this.#create.disabled = false;
    }
  }

  #say(problem) {
    this.#problem.textContent = problem;
  }
}

function field(text, input, hint = '') {
  const parts = [make('label', { htmlFor: input.id, textContent: text }), input];
  if (hint) {
    parts.push(make('p', { id: `${input.id}-hint`, className: 'hint', textContent: hint }));
    input.setAttribute('aria-describedby', `${input.id}-hint`);
  }
  return make('div', { className: 'field' }, ...parts);
}

function languageChip({ code, name }) {
  const box = make('input', { type: 'checkbox', name: 'languages', value: code });
  return make('label', { className: 'chip-box' }, box, make('span', { textContent: name }));
}

/** One of a few, the first if nothing else is chosen. */
function choice(name, legend, options) {
  const rows = options.map(([value, text, hint], index) => {
    const button = make('input', { type: 'radio', name, value, checked: index === 0 });
    const words = make(
      'span',
      {},
      make('strong', { textContent: text }),
      make('span', { className: 'hint', textContent: hint }),
    );
    return make('label', { className: 'radio-row' }, button, words);
  });
  return make('fieldset', { className: 'field' }, make('legend', { textContent: legend }), ...rows);
}
