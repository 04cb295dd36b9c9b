import { ask } from '../../broadcasts/ask.js';
import { downloadExport, exportAddress } from '../../broadcasts/exports.js';
import { languageName } from '../../broadcasts/english-names.js';
import { make } from '../dom.js';
import { Endless } from '../endless.js';
import { menu } from '../menu.js';
import { emptyState } from '../parts.js';
import { dayAndClockText, durationText } from '../times.js';
import { captionRow, showCaption } from './caption-row.js';

const PER_PAGE = 100;
const formats = {
  vtt: 'Captions (WebVTT)',
  srt: 'Captions (SubRip)',
  md: 'Text (Markdown)',
  json: 'Data (JSON)',
};

/** All that was said in a broadcast, in one of its languages, with times; and its files. */
export class Archive {
  element = make('section', { className: 'archive' });
  /** What can be done with it. */
  actions = make('div', { className: 'actions archive-bar' });
  #broadcast;
  #token;
  #language;
  #scroller;
  #signal;
  #onLanguage;
  #body = make('div');
  #loading = new AbortController();
  #problem = make('p', { className: 'field-problem' });

  constructor(broadcast, { token = '', language, scroller, signal, onLanguage = () => {} }) {
    this.#broadcast = broadcast;
    this.#token = token;
    this.#language = language ?? broadcast.source_language;
    this.#scroller = scroller;
    this.#signal = signal;
    this.#onLanguage = onLanguage;
    this.#problem.setAttribute('role', 'alert');
    this.#fillActions();
    this.element.append(this.actions, this.#problem, this.#body);
    signal.addEventListener('abort', () => this.#loading.abort());
    this.#open();
  }

  /** When it was, in a line. */
  get facts() {
    const { started_at: from, created_at: made, ended_at: to } = this.#broadcast;
    const minutes = from && to ? Math.max(1, Math.round((to - from) / 60)) : 0;
    return [dayAndClockText(from ?? made), minutes && `${minutes} min`].filter(Boolean).join(' · ');
  }

  #fillActions() {
    const { source_language: source, languages } = this.#broadcast;
    const choice = make('select', { className: 'language' });
    choice.setAttribute('aria-label', 'Language');
    for (const code of [source, ...languages]) choice.append(new Option(languageName(code), code));
    choice.value = this.#language;
    choice.addEventListener('change', () => {
      this.#language = choice.value;
      this.#onLanguage(choice.value);
      this.#open();
    });
    const saving = menu('Save as …', Object.keys(formats).map((format) => this.#item(format)));
    this.actions.append(choice, saving);
  }

  /** A link; where a token is needed, which no address should carry, the file is fetched first. */
  #item(format) {
    const link = make('a', { href: '', textContent: formats[format] });
    link.addEventListener('click', (event) => {
      const fields = { format, language: this.#language };
      if (!this.#token) {
        Object.assign(link, { href: exportAddress(this.#broadcast.id, fields), download: '' });
      } else {
        event.preventDefault();
        this.#download(fields);
      }
    });
    return link;
  }

  async #download({ format, language }) {
    const { id } = this.#broadcast;
    this.#problem.textContent = '';
    try {
      const file = await downloadExport(id, { format, language }, this.#token);
      const href = URL.createObjectURL(file);
      make('a', { href, download: `${id}.${language}.${format}` }).click();
      // The browser has begun by then.
      setTimeout(() => URL.revokeObjectURL(href), 60_000);
    } catch (error) {
      this.#problem.textContent = `It could not be saved. ${error.message}.`;
    }
  }

  /** From the start of a language on; more comes as one scrolls. */
  #open() {
    this.#loading.abort();
    this.#loading = new AbortController();
    const { signal } = this.#loading;
    const list = make('ol', { className: 'captions with-times' });
    const place = { last: 0, before: undefined };
    const more = new Endless(() => this.#load(list, place, signal), {
      root: this.#scroller,
      signal,
      rows: 6,
    });
    this.#scroller.scrollTop = 0;
    this.#body.replaceChildren(list, more.element);
  }

  async #load(list, place, signal) {
    const page = { language: this.#language, after: place.last, limit: PER_PAGE };
    const options = { token: this.#token, signal };
    const { data, has_more: isMore } = await ask(this.#broadcast.id, '/segments', page, options);
    if (signal.aborted) return false;
    for (const segment of data) {
      const row = captionRow(this.#language);
      showCaption(row, segment, place.before);
      const textContent = durationText(segment.start_ms);
      row.children[1].before(make('time', { className: 'caption-time', textContent }));
      list.append(row);
      place.before = segment;
      place.last = segment.sequence;
    }
    if (place.last === 0) this.#body.prepend(nothing());
    return isMore;
  }
}

const nothing = () =>
  emptyState('Nothing was said', 'There are no captions in this language.');
