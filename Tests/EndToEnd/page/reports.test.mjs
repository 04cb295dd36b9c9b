// What a page reports of a call that the broker may have missed.

import assert from 'node:assert/strict';
import { test } from 'node:test';
import { APIError } from '../../../public/js/http.js';
import { Aftercare } from '../../../public/js/realtime/aftercare.js';
import { Reports } from '../../../public/js/realtime/reports.js';
import { Unreported } from '../../../public/js/realtime/unreported.js';
import { MemoryStorage } from '../../../public/js/storage.js';

const session = { id: 'sess_1', conversation_id: 'conv_1' };

const item = (id, previousItemID, fields) => ({
  id, type: 'message', role: 'user', status: 'completed', text: `text of ${id}`, isSpoken: false,
  audioMs: 0, audioEndMs: null, previousItemID, ...fields,
});

const conversation = (...items) => ({
  order: items.map(({ id }) => id),
  items: Object.fromEntries(items.map((it) => [it.id, it])),
});

/** A broker that has stored some items; `failures` are what it answers to posts at first. */
function broker(stored, ...failures) {
  const posted = [];
  let lists = 0;
  return {
    posted,
    get lists() {
      return lists;
    },
    listMessages: async (_, { after }) => {
      lists += 1;
      const data = after === '' ? stored.map((id) => ({ item_id: id })) : [];
      return { data, last_id: 'msg_1', has_more: after === '' };
    },
    storeMessage: async (id, message) => {
      const failure = failures.shift();
      if (failure) throw failure;
      posted.push({ conversation: id, ...message });
    },
  };
}

/** Pauses that are over at once, and end after some tries. */
const pauses = (tries) => () => {
  let left = tries;
  return {
    get isOver() {
      return left === 0;
    },
    pause: async () => void (left -= 1),
  };
};

test('what is not stored is posted, in order, behind its predecessor', async () => {
  const api = broker(['one', 'four']);
  await new Reports(api, new MemoryStorage(), pauses(1)).check(session, conversation(
    item('one', null), item('two', 'one'), item('three', 'two', { role: 'assistant' }),
    item('four', 'three'),
  ));
  assert.deepEqual(api.posted.map(({ item_id: id, previous_item_id: previous, role, content }) =>
    [id, previous, role, content]), [
    ['two', 'one', 'user', 'text of two'], ['three', 'two', 'assistant', 'text of three'],
  ]);
  assert.ok(api.posted.every(({ session_id: id, conversation: of }) =>
    id === 'sess_1' && of === 'conv_1'));
});

test('what has not ended, was not taken, or has no words is not reported', async () => {
  const api = broker([]);
  await new Reports(api, new MemoryStorage(), pauses(1)).check(session, conversation(
    item('growing', null, { status: 'in_progress' }), item('refused', undefined),
    item('silent', null, { text: '' }),
  ));
  assert.deepEqual([api.posted, api.lists], [[], 0]);
});

test('a greeting alone is not reported', async () => {
  const api = broker([]);
  const greeting = item('greeting', null, { role: 'assistant' });
  const reports = new Reports(api, new MemoryStorage(), pauses(1));
  await reports.check(session, conversation(greeting));
  assert.deepEqual([api.posted, api.lists], [[], 0]);
  await reports.check(session, conversation(greeting, item('one', 'greeting')));
  assert.deepEqual(api.posted.map(({ item_id: id }) => id), ['greeting', 'one']);
});

test('what is settled is not asked for again', async () => {
  const api = broker(['one']);
  const reports = new Reports(api, new MemoryStorage(), pauses(9));
  await reports.check(session, conversation(item('one', null), item('two', 'one')));
  const { lists } = api;
  await reports.check(session, conversation(item('one', null), item('two', 'one')));
  assert.deepEqual([api.posted.length, api.lists], [1, lists]);
});

test('a broker that is away is asked again, for a while', async () => {
  const away = () => new APIError('away');
  const late = broker([], away(), away());
  await new Reports(late, new MemoryStorage(), pauses(3)).check(session, conversation(item('one', null)));
  assert.equal(late.posted.length, 1);
  const gone = broker([], away(), away(), away());
  await new Reports(gone, new MemoryStorage(), pauses(3)).check(session, conversation(item('one', null)));
  assert.equal(gone.posted.length, 0);
});

test('what was said in one session is not told of the next one', async () => {
  const api = broker([], new APIError('away'));
  const reports = new Reports(api, new MemoryStorage(), pauses(1));
  await reports.check(session, conversation(item('one', null)));
  assert.deepEqual(api.posted, []);
  const next = { ...session, id: 'sess_2' };
  await reports.check(next, conversation(item('one', null), item('two', 'one')));
  assert.deepEqual(api.posted.map(({ session_id: id }) => id), ['sess_1', 'sess_2']);
});

test('what was deleted keeps nothing else from being stored', async () => {
  const api = broker([], new APIError('deleted', { status: 409 }));
  await new Reports(api, new MemoryStorage(), pauses(1)).check(session, conversation(item('one', null), item('two', 'one')));
  assert.deepEqual(api.posted.map(({ item_id: id }) => id), ['two']);
});

test('calls, their outputs, and where an answer was cut are told, too', async () => {
  const api = broker([]);
  await new Reports(api, new MemoryStorage(), pauses(1)).check(session, conversation(
    item('asked', null), item('call', 'asked', { type: 'function_call', name: 'add', callID: 'c1', text: '{}' }),
    item('output', 'call', { type: 'function_call_output', callID: 'c1', text: '3' }),
    item('answer', 'output', {
      role: 'assistant', status: 'incomplete', isSpoken: true, audioMs: 1_000, audioEndMs: 500,
      text: 'one two three four',
    }),
  ));
  const [, call, output, answer] = api.posted;
  assert.deepEqual([call.name, call.call_id, call.arguments], ['add', 'c1', '{}']);
  assert.deepEqual([output.call_id, output.output], ['c1', '3']);
  assert.deepEqual([answer.status, answer.metadata],
    ['incomplete', { spoken: true, audio_end_ms: 500, heard_text: 'one two' }]);
});

test('what could not be reported is reported by the next page, as said in its session', async () => {
  const storage = new MemoryStorage();
  const said = conversation(item('one', null), item('two', 'one'));
  const gone = broker([], new APIError('away'));
  await new Reports(gone, storage, pauses(1)).check(session, said);
  const api = broker(['two']);
  await new Reports(api, storage, pauses(1)).resume();
  assert.deepEqual(api.posted.map((message) =>
    [message.conversation, message.session_id, message.item_id, message.content]),
  [['conv_1', 'sess_1', 'one', 'text of one']]);
  assert.equal(storage.length, 0);
});

test('a page that goes away in the middle of a call has noted what was said', async () => {
  const storage = new MemoryStorage();
  const api = { ...broker([]), endSession: () => new Promise(() => {}) };
  const call = { ...session, transport: 'webrtc' };
  const aftercare = new Aftercare(api, storage);
  await aftercare.report(call, conversation());
  aftercare.end(call, conversation(item('one', null)), { isLeaving: true });
  assert.equal(new Unreported(storage).of('conv_1').length, 1);
});

test('what belongs to a conversation that is gone is forgotten', async () => {
  const storage = new MemoryStorage();
  const gone = new APIError('gone', { status: 404 });
  await new Reports(broker([], new APIError('away')), storage, pauses(1))
    .check(session, conversation(item('one', null)));
  assert.equal(storage.length, 1);
  const api = { ...broker([], gone), listMessages: async () => Promise.reject(gone) };
  await new Reports(api, storage, pauses(1)).resume();
  assert.equal(storage.length, 0);
});

test('the newest thousand are kept, and what others left in the storage is not read', () => {
  const storage = new MemoryStorage();
  storage.setItem('broker.unreported.x', 'no JSON');
  storage.setItem('broker.unreported.y', '{"message":1}');
  const unreported = new Unreported(storage);
  for (let count = 0; count < 1_001; count += 1) {
    unreported.keep('conv_1', { item_id: `item_${count}`, session_id: 'sess_1' });
  }
  const kept = new Unreported(storage).of('conv_1');
  assert.deepEqual([kept.length, kept[0].item_id], [1_000, 'item_1']);
});
