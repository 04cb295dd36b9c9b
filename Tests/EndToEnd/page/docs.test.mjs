// The API's document in words.

import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { test } from 'node:test';
import { paragraphs, pieces } from '../../../public/docs/markdown.js';
import { SchemaReader } from '../../../public/docs/schema.js';
import { fits, groupsOf } from '../../../public/docs/specification.js';

const api = JSON.parse(readFileSync(new URL('../../../public/openapi.json', import.meta.url)));
const read = (schema, schemas = {}) =>
  new SchemaReader((reference) => schemas[reference.split('/').at(-1)]).read(schema);
const ref = (name) => ({ $ref: `#/components/schemas/${name}` });
const all = groupsOf(api).flatMap(({ operations }) => operations);

test('code, emphasis and links are told apart', () => {
  assert.deepEqual(pieces('Say `a*b` or **no**, see [here](/docs/) and https://a.example/b.'), [
    { kind: 'text', text: 'Say ' }, { kind: 'code', text: 'a*b' }, { kind: 'text', text: ' or ' },
    { kind: 'strong', text: 'no' }, { kind: 'text', text: ', see ' },
    { kind: 'link', text: 'here', href: '/docs/' }, { kind: 'text', text: ' and ' },
    { kind: 'link', text: 'https://a.example/b', href: 'https://a.example/b' }, { kind: 'text', text: '.' },
  ]);
  assert.deepEqual(paragraphs('one\n\n two\nlines'), ['one', 'two\nlines']);
});

test('what leads nowhere on the web stays text', () => {
  for (const text of ['[x](javascript:alert)', '[x](data:text/html,x)', '[x](//evil.example)', '<img src=x>']) {
    assert.ok(pieces(text).every(({ kind }) => kind === 'text'), text);
  }
});

test('types, bounds and defaults are words', () => {
  const told = (schema) => [read(schema).type, read(schema).notes.join(' · ')];
  assert.deepEqual(told({ type: ['string', 'null'], minLength: 1, maxLength: 4_000 }),
    ['string or null', '1 to 4,000 characters']);
  assert.deepEqual(told({ type: 'integer', minimum: 0, default: 0 }), ['integer', 'at least 0 · default `0`']);
  assert.deepEqual(told({ type: 'string', enum: ['a', null] }), ['string', 'one of `a`']);
  assert.deepEqual(told({ const: 'list' }), ['string', 'always `list`']);
  assert.deepEqual(told({ type: 'array', minItems: 2, maxItems: 2, items: { type: 'number' } }),
    ['array of number', 'exactly 2 items']);
  assert.deepEqual(told({ type: 'object', additionalProperties: { type: 'string' } }),
    ['object', 'any names, each with: string']);
  assert.deepEqual(told({ type: 'object', anyOf: [{ required: ['a'] }, { required: ['b', 'c'] }] }),
    ['object', 'needs `a`, or `b` with `c`']);
});

test('references, parts and the choice of null are one description', () => {
  const schemas = {
    Dog: { type: 'object', description: 'A dog.', required: ['name'], properties: { name: { type: 'string' } } },
  };
  const puppy = { allOf: [ref('Dog'), { required: ['age'], properties: { age: { type: 'integer' } } }] };
  assert.deepEqual(read(puppy, schemas).fields.map(({ name, isRequired }) => [name, isRequired]),
    [['name', true], ['age', true]]);
  const maybe = read({ anyOf: [ref('Dog'), { type: 'null' }], description: 'Whose.' }, schemas);
  assert.deepEqual([maybe.type, maybe.description, maybe.fields.length], ['object or null', 'Whose.', 1]);
  assert.deepEqual(read({ type: 'array', items: ref('Dog') }, schemas).fields.map(({ name }) => name), ['name']);
});

test('forms are told each, and one within itself ends', () => {
  const schemas = {
    Tree: { type: 'object', properties: { left: ref('Tree'), leaves: { type: 'array', items: ref('Tree') } } },
  };
  const { fields } = read(ref('Tree'), schemas);
  assert.deepEqual(fields.map(({ name, fields: own }) => [name, own]), [['left', []], ['leaves', []]]);
  const either = read({ oneOf: [ref('Tree'), { type: 'string' }] }, schemas);
  assert.equal(either.type, 'object or string');
  assert.deepEqual(either.forms.map(({ name }) => name), ['Tree', '']);
  assert.deepEqual(read({ anyOf: [{ type: 'string' }, { type: 'array', items: { type: 'string' } }] }).forms, []);
});

test('every operation of the broker is there, with all that the document says of it', () => {
  const count = Object.values(api.paths).flatMap((item) => Object.keys(item))
    .filter((key) => key !== 'parameters').length;
  assert.equal(all.length, count);
  const create = all.find(({ id }) => id === 'createSession');
  assert.deepEqual(create.parameters.map(({ name, place }) => [name, place]),
    [['X-Broker-User', 'header'], ['Idempotency-Key', 'header']]);
  const [content] = create.body.contents;
  const context = content.schema.fields.find(({ name }) => name === 'context');
  assert.ok(context.fields.some(({ name }) => name === 'max_tokens'));
  assert.equal(content.examples[0].title, 'Everything by default');
  assert.deepEqual(create.responses.map(({ status }) => status).slice(0, 2), ['201', '400']);
  assert.equal(create.responses[1].contents[0].examples.length, 1);
  const renew = all.find(({ id }) => id === 'renewSession');
  assert.ok(renew.parameters.some(({ name, isRequired }) => name === 'id' && isRequired), 'of its path');
});

test('an operation is found by any of its words', () => {
  const found = (words) => all.filter((operation) => fits(operation, words)).map(({ id }) => id);
  assert.equal(found('').length, all.length);
  assert.ok(found('recent_messages').includes('createSession'));
  assert.deepEqual(found('POST /renew'), ['renewSession']);
  assert.deepEqual(found('zebra'), []);
});
