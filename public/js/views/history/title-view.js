import { make } from '../dom.js';
import { nameOf } from './conversation-list.js';

/** A conversation's title, which is changed where it stands: Enter keeps it, Escape does not. */
export class TitleView {
  element = make('div', { className: 'title-line' });
  #heading = make('h1', { dir: 'auto', tabIndex: -1, textContent: 'Conversation' });
  #rename = make('button', { type: 'button', className: 'quiet', textContent: 'Rename' });
  #conversation = null;
  #save;

  /** `save(title)` keeps a new title, null for none, and resolves to the conversation. */
  constructor(save) {
    this.#save = save;
    this.#rename.disabled = true;
    this.#rename.addEventListener('click', () => this.#edit());
    this.element.append(this.#heading, this.#rename);
  }

  show(conversation) {
    this.#conversation = conversation;
    this.#heading.textContent = nameOf(conversation);
    this.#rename.disabled = false;
  }

  #edit() {
    const field = make('input', { name: 'title', maxLength: 250, autocomplete: 'off' });
    field.value = this.#conversation.title ?? '';
    field.placeholder = this.#conversation.preview ?? 'Title';
    field.setAttribute('aria-label', 'Title');
    const save = make('button', { className: 'primary', textContent: 'Save' });
    const cancel = make('button', { type: 'button', className: 'quiet', textContent: 'Cancel' });
    const problem = make('p', { className: 'field-problem' });
    problem.setAttribute('role', 'alert');
    const form = make('form', { className: 'rename' }, field, save, cancel, problem);
    form.addEventListener('submit', (event) => {
      event.preventDefault();
      this.#submit(field.value.trim(), problem);
    });
    form.addEventListener('keydown', (event) => {
      if (event.key === 'Escape') this.#close();
    });
    cancel.addEventListener('click', () => this.#close());
    // The page keeps its heading for those who hear it.
    this.#heading.classList.add('unseen');
    this.element.replaceChildren(this.#heading, form);
    field.select();
    field.focus();
  }

  async #submit(title, problem) {
    try {
      const conversation = await this.#save(title === '' ? null : title);
      this.show(conversation);
      this.#close();
    } catch (error) {
      problem.textContent = `${error.message}.`;
    }
  }

  #close() {
    this.#heading.classList.remove('unseen');
    this.element.replaceChildren(this.#heading, this.#rename);
    this.#rename.focus();
  }
}
