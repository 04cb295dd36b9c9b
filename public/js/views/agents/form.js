import { checkTools } from '../../tool-checks.js';
import { make } from '../dom.js';
import { changeOf, textsOf } from './agent-texts.js';
import { captions, makeFields, offerFunctions, setValue } from './fields.js';

const NOT_HERE = 'An agent’s metadata is changed over the API alone.';

/** An agent's form. Tools are checked as they are typed. */
export class AgentForm {
  element = make('form', { className: 'agent-form', noValidate: true });
  #fields = makeFields();
  #problems = {};
  #stored = {};

  constructor() {
    const fields = Object.keys(captions).map((name) => this.#field(name));
    this.element.append(...fields, make('p', { className: 'hint', textContent: NOT_HERE }));
    this.#fields.tools.addEventListener('input', () => this.#checkTools());
    this.#fields.name.addEventListener('input', () => this.setProblem('name', ''));
  }

  /** Shows an agent; what was typed and not saved takes the place of its fields. */
  fill(stored, draft = null) {
    this.#stored = stored;
    const texts = draft ?? textsOf(stored);
    for (const [name, field] of Object.entries(this.#fields)) setValue(field, texts[name]);
    this.#checkTools();
  }

  /** What is shown is stored now. */
  saved(agent) {
    this.#stored = agent;
  }

  /** What is typed, for a draft. */
  get draft() {
    return Object.fromEntries(
      Object.entries(this.#fields).map(([name, field]) => [name, field.value]),
    );
  }

  /** The agent as the API wants it, or null after saying what is wrong. */
  read() {
    const tools = this.#checkTools();
    const { name } = this.#fields;
    this.setProblem('name', name.value.trim() === '' ? 'An agent needs a name.' : '');
    for (const field of ['max_tokens', 'recent_messages']) this.#checkNumber(field);
    const wrong = Object.keys(captions).find((field) => this.#problems[field].textContent !== '');
    if (wrong) return void this.#fields[wrong].focus();
    return changeOf(this.draft, tools, this.#stored);
  }

  /** Says what is wrong with a field, where there is one of that name; empty text takes it back. */
  setProblem(name, text) {
    if (!(name in this.#fields)) return false;
    this.#problems[name].textContent = text;
    this.#fields[name].setAttribute('aria-invalid', String(text !== ''));
    return true;
  }

  #checkTools() {
    const { tools, problems } = checkTools(this.#fields.tools.value);
    const texts = problems.map(({ line, text }) => `Line ${line}: ${text}`);
    this.setProblem('tools', texts.join('\n'));
    if (tools) offerFunctions(this.#fields.tool_choice, tools);
    return tools;
  }

  #checkNumber(name) {
    const field = this.#fields[name];
    const text = `This must be a whole number from 0 to ${Number(field.max).toLocaleString()}.`;
    this.setProblem(name, field.validity.valid ? '' : text);
  }

  #field(name) {
    const field = this.#fields[name];
    const { label, hint = '', isHalf = false } = captions[name];
    Object.assign(field, { id: `agent-${name}`, name });
    const problem = make('p', { id: `agent-${name}-problem`, className: 'field-problem' });
    problem.setAttribute('aria-live', 'polite');
    this.#problems[name] = problem;
    const help = make('p', { id: `agent-${name}-hint`, className: 'hint', textContent: hint });
    field.setAttribute('aria-describedby', `${help.id} ${problem.id}`);
    return make(
      'div',
      { className: isHalf ? 'field half' : 'field' },
      make('label', { htmlFor: field.id, textContent: label }),
      field,
      help,
      problem,
    );
  }
}
