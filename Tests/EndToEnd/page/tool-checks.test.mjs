import assert from 'node:assert/strict';
import { test } from 'node:test';
import { scanJSON } from '../../../public/js/json-scanner.js';
import { checkTools } from '../../../public/js/tool-checks.js';

const tool = (fields = {}) => ({ type: 'function', name: 'a', ...fields });
const problemsOf = (value) => checkTools(JSON.stringify(value)).problems.map(({ text }) => text);

test('nothing typed means no tools', () => {
  assert.deepEqual(checkTools(' \n'), { tools: [], problems: [] });
});

test('good tools are given back as they are', () => {
  const tools = [
    tool({ description: 'd', parameters: { type: 'object' } }),
    { type: 'mcp', server_label: 'wiki', server_url: 'https://wiki.example' },
  ];
  assert.deepEqual(checkTools(JSON.stringify(tools)), { tools, problems: [] });
});

test('what is no JSON says on which line', () => {
  const lines = [
    ['[\n{"a": 1,\n}]', 3],
    ['[\n\n', 1],
    ['[{"name": "a\n"}]', 1],
    ['nonsense', 1],
    ['[{}]\n]', 2],
    ['[1 2]', 1],
    ['[01]', 1],
    ['{"a" 1}', 1],
    ['{\n"a": 1,\n\n"b": tru}', 4],
    ['['.repeat(501), 1],
  ];
  for (const [text, line] of lines) {
    const { tools, problems } = checkTools(text);
    assert.equal(tools, null, text);
    assert.equal(problems[0].line, line, text);
    assert.match(problems[0].text, /^This is not JSON: .+\.$/, text);
  }
});

test('what is wrong is said in words', () => {
  const words = [
    ['[{', 'a name in double quotes is missing'],
    ['[{}', 'a comma or a closing bracket is missing'],
    ['[{"a" 1}]', 'a colon belongs where “1” is'],
    ["['a']", 'a value belongs where “\'” is'],
    ['[1,]', 'a value belongs where “]” is'],
    ['[] []', 'there is something behind the end'],
  ];
  for (const [text, expected] of words) {
    assert.equal(checkTools(text).problems[0].text, `This is not JSON: ${expected}.`);
  }
});

test('it takes for JSON what the engine does', () => {
  const texts = [
    '[]', '{}', ' 1 ', '-0.5e+3', '"\\u00e9\\n"', '[1, [2, {"a": null}], true]', '[1,]', '{a: 1}',
    '01', '1.', '"a\tb"', "'a'", '[1}', 'nul', '{"a":1,}', '"\\x"', '[,1]', '\u00a0[]', '"\u2028"',
  ];
  for (const text of texts) {
    let isJSON = true;
    try {
      JSON.parse(text);
    } catch {
      isJSON = false;
    }
    assert.equal(scanJSON(text).problem === null, isJSON, text);
  }
});

test('each wrong tool is named by the line it begins on, whatever stands in texts', () => {
  const text = `[
  { "type": "function", "name": "fine", "description": "brackets ] } , [ { \\" in a text" },
  { "type": "function" }, { "type": "mcp",
    "headers": {"a": ["b", "c"]} },

  7
]`;
  const { tools, problems } = checkTools(text);
  assert.equal(tools, null);
  assert.deepEqual(problems.map(({ line }) => line), [3, 3, 6]);
});

test('what upstream would refuse is refused here', () => {
  assert.match(problemsOf({})[0], /must be a list/);
  assert.match(problemsOf([null])[0], /must be an object/);
  assert.match(problemsOf([{ name: 'a' }])[0], /must be "function" or "mcp", and is missing/);
  assert.match(problemsOf([tool({ name: 'a b' })])[0], /letters, digits/);
  assert.match(problemsOf([tool(), tool()])[0], /two functions called “a”/);
  assert.match(problemsOf([tool({ parameters: [] })])[0], /JSON schema/);
  assert.match(problemsOf([tool({ description: 1 })])[0], /must be text/);
  assert.match(problemsOf([tool({ x_broker: {} })])[0], /service key/);
  assert.match(problemsOf(Array(129).fill(tool()))[0], /at most 128/);
  assert.deepEqual(problemsOf([tool({ x_broker: null })]), []);
});
