// Checks of an agent's tools as JSON: what is wrong, and on which line.

import { scanJSON } from './json-scanner.js';

const MOST_TOOLS = 128;
const MOST_NAME_CHARACTERS = 256;

/**
 * Reads what somebody typed: nothing means no tools.
 *
 * @returns {{tools: object[]|null, problems: {line: number, text: string}[]}} no tools when
 * there are problems.
 */
export function checkTools(text) {
  if (text.trim() === '') return { tools: [], problems: [] };
  const { problem, elementLines } = scanJSON(text);
  if (problem) return refused(problem.line, `This is not JSON: ${problem.text}.`);
  const tools = JSON.parse(text);
  if (!Array.isArray(tools)) {
    return refused(1, 'The tools must be a list, in square brackets: [ {…}, {…} ].');
  }
  if (tools.length > MOST_TOOLS) return refused(1, `There may be at most ${MOST_TOOLS} tools.`);
  const seen = new Set();
  const problems = tools.flatMap((tool, index) =>
    toolProblems(tool, seen).map((wrong) => ({ line: elementLines[index], text: wrong })),
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
    !['string', 'undefined'].includes(typeof description) &&
      '“description” must be text.',
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
