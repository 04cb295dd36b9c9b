// Checks of an agent's tools as JSON: what is wrong, and on which line.

const MOST_TOOLS = 128;
const MOST_NAME_CHARACTERS = 256;

/**
 * Reads what somebody typed: nothing means no tools.
 *
 * @returns {{tools: object[]|null, problems: {line: number|null, text: string}[]}} no tools when
 * there are problems.
 */
export function checkTools(text) {
  if (text.trim() === '') return { tools: [], problems: [] };
  let tools;
  try {
    tools = JSON.parse(text);
  } catch (error) {
    return { tools: null, problems: [syntaxProblem(error, text)] };
  }
  if (!Array.isArray(tools)) {
    return refused(1, 'The tools must be a list, in square brackets: [ {…}, {…} ].');
  }
  if (tools.length > MOST_TOOLS) return refused(1, `There may be at most ${MOST_TOOLS} tools.`);
  const lines = elementLines(text);
  const seen = new Set();
  const problems = tools.flatMap((tool, index) =>
    toolProblems(tool, seen).map((problem) => ({ line: lines[index], text: problem })),
  );
  return problems.length > 0 ? { tools: null, problems } : { tools, problems };
}

const refused = (line, text) => ({ tools: null, problems: [{ line, text }] });

function toolProblems(tool, seen) {
  if (!isObject(tool)) return ['A tool must be an object: { "type": "function", … }.'];
  if (tool.type === 'function') return functionProblems(tool, seen);
  if (tool.type === 'mcp') return mcpProblems(tool);
  const found = JSON.stringify(tool.type) ?? 'missing';
  return [`“type” must be "function" or "mcp", and is ${found}.`];
}

function functionProblems({ name, description, parameters, x_broker: webhook }, seen) {
  const isTwice = seen.has(name);
  seen.add(name);
  return [
    !isName(name) && 'A function needs a “name”.',
    isName(name) && !/^[\w-]+$/.test(name) &&
      `The name “${name}” may have letters, digits, _ and - only.`,
    isTwice && `There are two functions called “${name}”.`,
    description !== undefined && typeof description !== 'string' && '“description” must be text.',
    parameters !== undefined && !isObject(parameters) &&
      '“parameters” must be a JSON schema: { "type": "object", … }.',
    webhook !== undefined && webhook !== null &&
      '“x_broker” (a webhook) can be set with a service key only, not on this page.',
  ].filter(Boolean);
}

const mcpProblems = ({ server_label: label }) =>
  isName(label) ? [] : ['An MCP server needs a “server_label”.'];

const isObject = (value) => typeof value === 'object' && value !== null && !Array.isArray(value);

const isName = (value) =>
  typeof value === 'string' && value !== '' && value.length <= MOST_NAME_CHARACTERS;

/** Engines say where in different words, and some not at all. */
function syntaxProblem({ message }, text) {
  const lineWord = /line (\d+)/.exec(message);
  const position = /position (\d+)/.exec(message);
  const isAtEnd = /end of (the )?(JSON|data)|unterminated/i.test(message)
    || Number(position?.[1]) >= text.trimEnd().length;
  const lineOf = (index) => text.slice(0, index).split('\n').length;
  const line = lineWord ? Number(lineWord[1])
    : position ? lineOf(Number(position[1]))
    : isAtEnd ? lineOf(text.trimEnd().length)
    : null;
  const what = isAtEnd ? 'something is missing at the end, such as a bracket or a quote'
    : message.replace(/^JSON\.parse: |\s*\(line \d+ column \d+\)|\s*in JSON at position.*/g, '');
  return { line, text: `This is not JSON: ${what}.` };
}

/** The line on which each element of the outermost list begins; the text is valid JSON. */
function elementLines(text) {
  const lines = [];
  let line = 1;
  let depth = 0;
  let isInText = false;
  let isExpected = false;
  for (let index = 0; index < text.length; index += 1) {
    const character = text[index];
    if (character === '\n') line += 1;
    if (isInText) {
      if (character === '\\') index += 1;
      else if (character === '"') isInText = false;
      continue;
    }
    if (isExpected && !/[\s\]]/.test(character)) {
      lines.push(line);
      isExpected = false;
    }
    if (character === '"') isInText = true;
    if ('[{'.includes(character)) depth += 1;
    if (']}'.includes(character)) depth -= 1;
    if (depth === 1 && (character === ',' || (character === '[' && lines.length === 0))) {
      isExpected = true;
    }
  }
  return lines;
}
