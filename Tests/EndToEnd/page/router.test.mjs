import assert from 'node:assert/strict';
import { test } from 'node:test';
import { pageHash, parseHash } from '../../../public/js/router.js';

test('an address names a page, one thing in it, and more', () => {
  const addresses = [
    ['', 'talk', {}],
    ['#', 'talk', {}],
    ['#/', 'talk', {}],
    ['#/history', 'history', {}],
    ['#/history/conv_1', 'history', { id: 'conv_1' }],
    ['#/history/conv_1?message=msg_2', 'history', { id: 'conv_1', message: 'msg_2' }],
    ['#/talk?agent=agent_1', 'talk', { agent: 'agent_1' }],
    ['#/a%20b/%E0%A4', 'a b', { id: '%E0%A4' }],
  ];
  for (const [hash, name, params] of addresses) {
    assert.deepEqual(parseHash(hash), { name, params }, hash);
  }
});

test('an anchor is no page', () => {
  assert.equal(parseHash('#page'), null);
});

test('an address is made as it is read', () => {
  for (const [name, params] of [
    ['usage', {}],
    ['history', { id: 'conv_1', message: 'a&b=c?#/' }],
    ['agents', { id: 'a/b' }],
  ]) {
    assert.deepEqual(parseHash(pageHash(name, params)), { name, params });
  }
});
