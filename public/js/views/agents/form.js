import { checkTools } from '../../tool-checks.js';
import { voices } from '../../voices.js';
import { make } from '../dom.js';

const EXAMPLE = `[
  {
    "type": "function",
    "name": "show_map",
    "description": "Shows a place on the map.",
    "parameters": {
      "type": "object",
      "properties": { "place": { "type": "string" } },
      "required": ["place"]
    }
  }
]`;
const DEFAULT = 'The broker’s default';
const TOOLS_HINT =
  'What the model may call, as JSON. A page that talks answers the calls itself. ' +
  'Webhooks (“x_broker”), which the broker calls, can be set with a service key only, ' +
  'and go when the tools are changed here.';

/** The fields of an agent. Tools are checked as they are typed. */
export class AgentForm {
  element = make('form', { className: 'agent-form', noValidate: true });
  #fields = {
    name: textField({ maxLength: 256, required: true, dir: 'auto' }),
    voice: make('select', {}, new Option(DEFAULT, '')),
    model: textField({ maxLength: 256, placeholder: DEFAULT }),
    greeting: textField({ maxLength: 4000, placeholder: 'None', dir: 'auto' }),
    instructions: make('textarea', { rows: 7, placeholder: DEFAULT, dir: 'auto' }),
    tools: make('textarea', {
      rows: 10,
      className: 'code',
      placeholder: EXAMPLE,
      spellcheck: false,
    }),
  };
  #problems = {};
  #storedTools = '';

  constructor() {
    for (const voice of voices) this.#fields.voice.append(new Option(voice));
    this.element.append(
      this.#field('name', 'Name', 'What you call it.'),
      this.#field('voice', 'Voice'),
      this.#field('model', 'Model'),
      this.#field('greeting', 'Greeting', 'Said first, word for word.'),
      this.#field('instructions', 'Instructions', 'Who it is, what it does, and how it speaks.'),
      this.#field('tools', 'Tools', TOOLS_HINT),
    );
    this.#fields.tools.addEventListener('input', () => this.#checkTools());
    this.#fields.name.addEventListener('input', () => this.setProblem('name', ''));
  }

  /** Shows an agent; what was typed and not saved takes the place of its fields. */
  fill(stored, draft = null) {
    const agent = draft ?? stored;
    this.#storedTools = toolsText(stored.tools);
    for (const [name, field] of Object.entries(this.#fields)) {
      if (name !== 'tools') field.value = agent[name] ?? '';
    }
    // A voice that this page does not know stays what it is.
    const { voice } = this.#fields;
    if (agent.voice && voice.value !== agent.voice) voice.append(new Option(agent.voice));
    voice.value = agent.voice ?? '';
    this.#fields.tools.value = draft ? draft.tools : this.#storedTools;
    this.#checkTools();
  }

  /** What is typed, for a draft. */
  get draft() {
    return Object.fromEntries(
      Object.entries(this.#fields).map(([name, field]) => [name, field.value]),
    );
  }

  /**
   * The agent as the API wants it, or null after saying what is wrong. Tools that were not touched
   * are left out: a change would take away webhooks, which this page never sees.
   */
  read() {
    const tools = this.#checkTools();
    const name = this.#fields.name.value.trim();
    this.setProblem('name', name === '' ? 'An agent needs a name.' : '');
    const wrong = name === '' ? 'name' : tools === null ? 'tools' : null;
    if (wrong) return void this.#fields[wrong].focus();
    const optional = ['voice', 'model', 'greeting', 'instructions'].map((field) => [
      field,
      this.#fields[field].value.trim() || null,
    ]);
    const isChanged = this.#fields.tools.value !== this.#storedTools;
    return { name, ...Object.fromEntries(optional), ...(isChanged && { tools }) };
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
    return tools;
  }

  #field(name, label, hint = '') {
    const field = this.#fields[name];
    Object.assign(field, { id: `agent-${name}`, name });
    const problem = make('p', { id: `agent-${name}-problem`, className: 'field-problem' });
    problem.setAttribute('aria-live', 'polite');
    this.#problems[name] = problem;
    const help = make('p', { id: `agent-${name}-hint`, className: 'hint', textContent: hint });
    field.setAttribute('aria-describedby', `${help.id} ${problem.id}`);
    return make(
      'div',
      { className: `field field-${name}` },
      make('label', { htmlFor: field.id, textContent: label }),
      field,
      help,
      problem,
    );
  }
}

const textField = (properties) => make('input', { autocomplete: 'off', ...properties });

const toolsText = (tools = []) => (tools.length > 0 ? JSON.stringify(tools, null, 2) : '');
