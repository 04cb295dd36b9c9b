import { deletions } from '../../deletions.js';
import { pageHash } from '../../router.js';
import { copyButton } from '../copy-button.js';
import { make } from '../dom.js';
import { actionLink, emptyState, problemBox, skeleton } from '../parts.js';
import { AgentForm } from './form.js';

const NEW = 'new';
/** What was typed and not saved, by the agent's id: kept while one looks at other pages. */
const drafts = new Map();

/** Creates an agent, or changes one. */
export class AgentEditor {
  element = make('div', { className: 'agent-editor' });
  #context;
  #id;
  #signal;
  #form = new AgentForm();
  #heading = make('h1', { dir: 'auto', tabIndex: -1 });
  #state = make('p', { className: 'muted save-state' });
  #save = make('button', { className: 'primary' });
  #body = make('div', {}, skeleton(8));

  constructor(context, id, signal) {
    this.#context = context;
    this.#id = id;
    this.#signal = signal;
    this.#heading.textContent = this.#isNew ? 'New agent' : 'Agent';
    this.#save.textContent = this.#isNew ? 'Create' : 'Save';
    this.#state.setAttribute('role', 'status');
    const back = make('a', { className: 'back', href: '#/agents', textContent: '← Agents' });
    const head = make('header', { className: 'page-head' }, back, this.#heading);
    this.element.append(head, this.#body);
    this.#form.element.addEventListener('input', () => this.#keepDraft());
    this.#form.element.addEventListener('submit', (event) => {
      event.preventDefault();
      this.#submit();
    });
    if (this.#isNew) this.#show({});
    else this.#load();
  }

  get #isNew() {
    return this.#id === NEW;
  }

  async #load() {
    try {
      this.#show(await this.#context.api.getAgent(this.#id, { signal: this.#signal }));
    } catch (error) {
      if (this.#signal.aborted) return;
      const retry = () => this.#load();
      this.#body.replaceChildren(error.status === 404 ? gone() : problemBox(error, retry));
    }
  }

  #show(agent) {
    const draft = drafts.get(this.#id);
    this.#name(agent.name);
    this.#form.fill(agent, draft);
    this.#state.textContent = draft ? 'What you typed before is not saved yet.' : '';
    this.#form.element.append(this.#actions(agent));
    this.#body.replaceChildren(this.#form.element);
  }

  #name(name) {
    if (!name) return;
    this.#heading.textContent = name;
    this.#context.retitle(name);
  }

  #actions(agent) {
    const actions = make('div', { className: 'actions' }, this.#save);
    if (!this.#isNew) {
      const remove = make('button', { type: 'button', className: 'danger', textContent: 'Delete' });
      remove.addEventListener('click', () => {
        deletions.add(agent.id, `“${agent.name}”`, this.#context.api.deleteAgent);
        location.hash = pageHash('agents');
      });
      const tryIt = actionLink('Try it', pageHash('talk', { agent: agent.id }));
      actions.append(tryIt, remove, copyButton(agent.id, 'agent id'));
    }
    actions.append(this.#state);
    return actions;
  }

  #keepDraft() {
    drafts.set(this.#id, this.#form.draft);
    this.#state.textContent = 'Not saved yet.';
  }

  async #submit() {
    const fields = this.#form.read();
    if (!fields) return;
    const { api, announce } = this.#context;
    this.#save.disabled = true;
    try {
      const agent = this.#isNew
        ? await api.createAgent(fields)
        : await api.changeAgent(this.#id, fields);
      drafts.delete(this.#id);
      this.#form.saved(agent);
      this.#state.textContent = 'Saved.';
      announce('Saved');
      // Who has gone elsewhere stays there.
      if (this.#signal.aborted) return;
      if (this.#isNew) location.replace(pageHash('agents', { id: agent.id }));
      else this.#name(agent.name);
    } catch (error) {
      const fields = (error.param ?? '').split(/[.[]/, 2);
      const isShown = fields.some((field) => this.#form.setProblem(field, `${error.message}.`));
      this.#state.textContent = isShown ? 'Not saved: see above.' : `Not saved. ${error.message}.`;
    } finally {
      this.#save.disabled = false;
    }
  }
}

const gone = () =>
  emptyState(
    'There is no such agent',
    'It was deleted, or the address is wrong.',
    actionLink('All agents', '#/agents'),
  );
