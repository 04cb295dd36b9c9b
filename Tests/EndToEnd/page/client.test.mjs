// The parts of the client that decide without a browser.

import assert from 'node:assert/strict';
import { test } from 'node:test';
import { outputsOf } from '../../../public/js/realtime/function-calls.js';
import { emptyConversation } from '../../../public/js/realtime/conversation.js';
import { Handover } from '../../../public/js/realtime/handover.js';
import { heardText, makeItem } from '../../../public/js/realtime/items.js';
import { explain, isTemporary, lossText } from '../../../public/js/realtime/plain-words.js';
import { SessionClock } from '../../../public/js/realtime/session-clock.js';
import { Typing } from '../../../public/js/realtime/typing.js';
import { Unsent } from '../../../public/js/realtime/unsent.js';
import { MemoryStorage } from '../../../public/js/storage.js';
import { APIError } from '../../../public/js/http.js';
import { ConnectionError } from '../../../public/js/realtime/connection-error.js';

const answer = (fields) => ({
  ...makeItem({ id: 'a', type: 'message', role: 'assistant', content: [] }),
  text: 'one two three four',
  ...fields,
});

test('an answer is cut between words, where it was heard', () => {
  const cuts = [
    [{ audioMs: 1_000, audioEndMs: null }, 'one two three four', ''],
    [{ audioMs: 1_000, audioEndMs: 500 }, 'one two', 'three four'],
    [{ audioMs: 1_000, audioEndMs: 1_000 }, 'one two three four', ''],
    [{ audioMs: 1_000, audioEndMs: 5_000 }, 'one two three four', ''],
    [{ audioMs: 1_000, audioEndMs: 0 }, '', 'one two three four'],
    [{ audioMs: 1_000, audioEndMs: 100 }, '', 'one two three four'],
  ];
  for (const [fields, heard, unheard] of cuts) {
    assert.deepEqual(heardText(answer(fields)), { heard, unheard });
  }
});

test('an answer without spaces is cut at a character, and never within one', () => {
  const cut = (text, audioEndMs) =>
    heardText({ text, audioMs: 1_000, audioEndMs });
  const han = '今天天气很好我们去公园散步吧';
  assert.deepEqual(cut(han, 500), { heard: han.slice(0, 7), unheard: han.slice(7) });
  assert.deepEqual(cut(`OK ${han.repeat(9)}`, 500).heard.length, 65);
  assert.deepEqual(cut('😀😀😀', 500), { heard: '😀', unheard: '😀😀' });
});

test('where the speech went another way, its length is guessed', () => {
  assert.equal(heardText(answer({ audioEndMs: 600 })).heard, 'one two');
});

test('upstream’s session is renewed in good time, and at the last moment whoever speaks', () => {
  const hour = new SessionClock(3_600_000, 0);
  assert.equal(hour.isRenewalDue(3_479_999), false);
  assert.equal(hour.isRenewalDue(3_480_000), true);
  assert.equal(hour.isLastCall(3_584_999), false);
  assert.equal(hour.isLastCall(3_585_000), true);
  const short = new SessionClock(110_000, 100_000);
  assert.equal(short.isRenewalDue(108_000), true);
  assert.equal(short.isLastCall(108_000), false);
  assert.equal(short.isLastCall(109_500), true);
});

test('what was typed outlives the page, in its order', () => {
  const storage = new MemoryStorage();
  const first = new Unsent(storage);
  first.add('item_1', 'one', null);
  first.add('item_2', 'two', null);
  first.remove('item_1');
  first.add('item_3', 'three', null);
  assert.deepEqual(new Unsent(storage).entries.map(({ id }) => id), ['item_2', 'item_3']);
});

test('what another tab has sent is not sent again', () => {
  const storage = new MemoryStorage();
  const [one, other] = [new Unsent(storage), new Unsent(storage)];
  one.add('item_1', 'one', null);
  const late = new Unsent(storage);
  late.remove('item_1');
  one.refresh();
  assert.deepEqual(one.entries, []);
  other.refresh();
  assert.deepEqual(other.entries, []);
});

test('where nothing can be kept, it is sent all the same', () => {
  const full = new MemoryStorage();
  full.setItem = () => {
    throw new Error('QuotaExceededError');
  };
  const unsent = new Unsent(full);
  unsent.add('item_1', 'one', null);
  unsent.refresh();
  assert.deepEqual(unsent.entries.map(({ text }) => text), ['one']);
});

test('what others left in the storage is left alone', () => {
  const storage = new MemoryStorage();
  storage.setItem('broker.unsent.x', 'no JSON');
  storage.setItem('broker.unsent.y', '{"id":1}');
  storage.setItem('other', '{"id":"z","text":"z"}');
  assert.deepEqual(new Unsent(storage).entries, []);
});

test('what was typed goes to the conversation that it was typed in, and to no other', () => {
  const storage = new MemoryStorage();
  const sent = [];
  const open = () => new Typing(storage, ({ item }) => sent.push(item.content[0].text) > 0);
  const typing = open();
  typing.add('anywhere', null);
  typing.add('in one', 'conv_1');
  assert.equal(typing.isWaitingFor('conv_2'), true);
  typing.sendAll('conv_2');
  assert.deepEqual(sent, ['anywhere']);
  assert.equal(typing.isWaitingFor('conv_2'), false);
  const later = open();
  later.sendAll('conv_1');
  assert.deepEqual(sent, ['anywhere', 'in one'], 'what went out once belongs there');
});

test('a hundred texts may wait', () => {
  const unsent = new Unsent(new MemoryStorage());
  for (let count = 0; count < 99; count += 1) unsent.add(`item_${count}`, 'text', null);
  assert.equal(unsent.isFull, false);
  unsent.add('item_99', 'text', null);
  assert.equal(unsent.isFull, true);
});

test('the page’s functions answer the model, also when they fail', async () => {
  const call = (name, args, status = 'completed') =>
    ({ type: 'function_call', name, arguments: args, status, call_id: `call_${name}` });
  const functions = {
    add: ({ a, b }) => a + b,
    greet: async ({ name }) => `Hello ${name}`,
    fail: () => { throw new Error('no luck'); },
  };
  const output = [
    call('add', '{"a":1,"b":2}'), call('greet', '{"name":"Ana"}'), call('fail', '{}'),
    call('add', 'no JSON'), call('recall', '{}'), call('add', '{}', 'incomplete'),
    call('toString', '{}'), { type: 'message' },
  ];
  const items = (await outputsOf({ output }, functions, false)).map(({ item }) => item);
  assert.deepEqual(items.map(({ call_id: id }) => id), ['call_add', 'call_greet', 'call_fail', 'call_add']);
  assert.deepEqual(items.slice(0, 3).map((item) => item.output), ['3', 'Hello Ana', 'It failed: no luck']);
  assert.match(items[3].output, /^It failed: /);
  const [unknown] = await outputsOf({ output: [call('recall', '{}')] }, functions, true);
  assert.equal(unknown.item.output, 'This page has no such function.');
});

test('what the end of a connection has cost is told once, and what has no answer is owed', () => {
  const handover = new Handover();
  handover.left({ ...emptyConversation, isAwaited: true });
  const take = () => handover.take(emptyConversation);
  assert.equal(take().isAnswerOwed, false, 'a greeting is owed to nobody');
  const items = { a: { ...answer({}), role: 'user' } };
  handover.left({ ...emptyConversation, isAwaited: true, order: ['a'], items });
  handover.left(emptyConversation);
  assert.deepEqual(take(), { text: null, isAnswerOwed: true, retellings: [] });
  handover.left({ ...emptyConversation, isUserSpeaking: true });
  assert.match(take().text, /say your last words again/);
  handover.left({ ...emptyConversation, activeResponse: 'resp_1', isAnswering: true });
  assert.match(take().text, /cut short/);
  handover.renewed();
  assert.deepEqual(take(), { text: lossText([]), isAnswerOwed: false, retellings: [] });
  assert.equal(take().text, null);
});

test('failures are told in sentences, and some may pass', () => {
  assert.equal(explain(new Error('No luck')).message, 'No luck.');
  assert.equal(explain(undefined).message, 'Something went wrong.');
  assert.deepEqual(explain(new ConnectionError('unreachable', 'Gone!')), {
    code: 'unreachable', message: 'Gone!',
  });
  assert.equal(isTemporary(new ConnectionError('unreachable', 'Gone')), true);
  assert.equal(isTemporary(new APIError('No', { status: 503 })), true);
  assert.equal(isTemporary(new APIError('No', { status: 404 })), false);
  assert.equal(isTemporary(new TypeError('a mistake of ours')), false);
});

test('what a renewal has cost is told', () => {
  assert.equal(lossText([]), 'The conversation goes on in a new session.');
  assert.match(lossText(['input_audio']), /say your last words again/);
  assert.match(lossText(['response']), /cut short/);
});
