// The fields of an agent's form: what they are, and what is said beside them.

import { voiceTitle, voices } from '../../voices.js';
import { make } from '../dom.js';
import { choiceText } from './agent-texts.js';

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

const choices = [
  ['auto', 'When it finds them of use'], ['required', 'In every answer'], ['none', 'Never'],
];
const scopes = [
  ['user', 'Everything that was said to the user'], ['conversation', 'This conversation only'],
  ['none', 'Nothing'],
];

/** Label and hint of each field, in their order; `isHalf` ones stand side by side. */
export const captions = {
  name: { label: 'Name', hint: 'What you call it.' },
  voice: { label: 'Voice', isHalf: true },
  model: { label: 'Model', isHalf: true },
  greeting: { label: 'Greeting', hint: 'Said first, word for word.' },
  instructions: {
    label: 'Instructions', hint: 'Who it is, what it does, and how it speaks.',
  },
  tools: {
    label: 'Tools',
    hint:
      'What the model may call, as JSON. A page that talks answers the calls itself. ' +
      'Webhooks (“x_broker”), which the broker calls, can be seen and set with a service key ' +
      'only; a function keeps the one that it has as long as its name stays.',
  },
  tool_choice: { label: 'Uses tools' },
  scope: { label: 'Remembers', isHalf: true },
  recall: {
    label: 'May look up more', isHalf: true, hint: 'With the tool “recall”, while it talks.',
  },
  max_tokens: { label: 'Tokens of memory', isHalf: true, hint: 'At most, up to 8,000.' },
  recent_messages: { label: 'Messages word for word', isHalf: true, hint: 'The last ones, up to 50.' },
};

/** The fields, by their names. */
export const makeFields = () => ({
  name: textField({ maxLength: 256, required: true, dir: 'auto' }),
  voice: selection(voices.map((name) => [name, voiceTitle(name)])),
  model: textField({ maxLength: 256, placeholder: DEFAULT }),
  greeting: textField({ maxLength: 4000, placeholder: 'None', dir: 'auto' }),
  instructions: make('textarea', { rows: 7, placeholder: DEFAULT, dir: 'auto' }),
  tools: make('textarea', {
    rows: 10, className: 'code', placeholder: EXAMPLE, spellcheck: false,
  }),
  tool_choice: selection(choices.map(([word, text]) => [choiceText(word), text])),
  scope: selection(scopes),
  recall: selection([['true', 'Yes'], ['false', 'No']]),
  max_tokens: numberField(8_000, 4_000),
  recent_messages: numberField(50, 8),
});

/** Selects a value, also one that the list does not have: what is stored stays what it is. */
export function setValue(field, value) {
  field.value = value;
  if (field.value === value || field.tagName !== 'SELECT') return;
  field.append(new Option(value, value));
  field.value = value;
}

/** Offers that each of the functions is always used. */
export function offerFunctions(field, tools) {
  const chosen = field.value;
  for (const option of [...field.options].slice(choices.length + 1)) option.remove();
  for (const { type, name } of tools.filter((tool) => tool.type === 'function')) {
    field.append(new Option(`Always ${name}`, choiceText({ type, name })));
  }
  setValue(field, chosen);
}

function selection(options) {
  const field = make('select', {}, new Option(DEFAULT, ''));
  for (const [value, text] of options) field.append(new Option(text, value));
  return field;
}

const textField = (properties) => make('input', { autocomplete: 'off', ...properties });

const numberField = (max, usual) =>
  textField({ type: 'number', min: 0, max, step: 1, placeholder: usual.toLocaleString() });
