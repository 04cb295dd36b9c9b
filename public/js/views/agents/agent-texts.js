// An agent as the texts of its form's fields, and back.

const PLAIN = ['voice', 'model', 'greeting', 'instructions'];
const CONTEXT = ['scope', 'max_tokens', 'recent_messages', 'recall'];

/** The fields' texts; empty is the broker's default. */
export function textsOf(agent) {
  const plain = PLAIN.map((name) => [name, agent[name] ?? '']);
  const { enabled, ...context } = agent.context ?? {};
  const told = CONTEXT.map((name) => [name, textOf(context[name])]);
  return {
    name: agent.name ?? '',
    ...Object.fromEntries([...plain, ...told]),
    ...(enabled === false && { scope: 'none' }),
    tools: toolsText(agent.tools),
    tool_choice: choiceText(agent.tool_choice),
  };
}

/**
 * What the API is to be told. Tools, their choice and the context are left out unless they were
 * changed: what the form does not show of them stays.
 */
export function changeOf(texts, tools, stored) {
  const before = textsOf(stored);
  const isChanged = (name) => texts[name] !== before[name];
  const plain = PLAIN.map((name) => [name, texts[name].trim() || null]);
  return {
    name: texts.name.trim(),
    ...Object.fromEntries(plain),
    ...(isChanged('tools') && { tools }),
    ...(isChanged('tool_choice') && { tool_choice: parsed(texts.tool_choice) }),
    ...(CONTEXT.some(isChanged) && { context: contextOf(texts, stored.context, isChanged) }),
  };
}

/** A choice of tools as the text of its option: JSON, so that a word is no object. */
export const choiceText = (choice) => (choice == null ? '' : JSON.stringify(choice));

function contextOf(texts, stored, isChanged) {
  const context = { ...stored };
  for (const name of CONTEXT.filter(isChanged)) context[name] = contextValue(name, texts[name]);
  // Who chooses what is remembered wants that it is.
  if (isChanged('scope')) delete context.enabled;
  const given = Object.entries(context).filter(([, value]) => value != null);
  return given.length > 0 ? Object.fromEntries(given) : null;
}

function contextValue(name, text) {
  if (text === '') return null;
  if (name === 'scope') return text;
  return name === 'recall' ? text === 'true' : Number(text);
}

const parsed = (text) => (text === '' ? null : JSON.parse(text));

const textOf = (value) => String(value ?? '');

const toolsText = (tools = []) => (tools.length > 0 ? JSON.stringify(tools, null, 2) : '');
