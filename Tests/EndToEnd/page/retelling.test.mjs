// What a session that takes over is told of what was said since it was minted.

import assert from 'node:assert/strict';
import { test } from 'node:test';
import { carryOn, emptyConversation, interrupt, update } from '../../../public/js/realtime/conversation.js';
import { Handover } from '../../../public/js/realtime/handover.js';
import { retellings } from '../../../public/js/realtime/retelling.js';

const item = (id, fields) => ({
  id, type: 'message', role: 'user', status: 'completed', text: `text of ${id}`, isSpoken: true,
  audioMs: 0, audioEndMs: null, previousItemID: null, ...fields,
});

const conversation = (...items) => ({
  ...emptyConversation,
  order: items.map(({ id }) => id),
  items: Object.fromEntries(items.map((it) => [it.id, it])),
});

const ids = (events) => events.map(({ item: { id } }) => id);
const after = (state, ...events) => events.reduce((it, event) => update(it, event).state, state);

test('what ended since it was asked for is told, and what the broker knew by then is not', async () => {
  const before = conversation(item('old'), item('growing', { role: 'assistant', status: 'in_progress' }));
  const now = conversation(
    item('old'), item('growing', { role: 'assistant' }), item('new'),
    item('silent', { text: '' }), item('unconfirmed', { previousItemID: undefined }),
  );
  const handover = new Handover();
  await handover.renewing(before);
  handover.renewed();
  assert.deepEqual(ids(handover.take(now).retellings), ['growing', 'new']);
  assert.deepEqual(handover.take(now).retellings, []);
});

test('a session that replaces a lost one is told nothing twice', async () => {
  const handover = new Handover();
  await handover.renewing(conversation(item('old')));
  handover.left(conversation(item('old'), item('new')));
  assert.deepEqual(handover.take(conversation(item('old'), item('new'))).retellings, []);
});

test('an answer is told as text, under the id that it has', () => {
  const told = (it) => retellings(conversation(it), emptyConversation)[0];
  const { event_id: event, ...create } = told(item('a', { role: 'assistant' }));
  assert.match(event, /^event_/);
  assert.deepEqual(create, {
    type: 'conversation.item.create',
    item: {
      id: 'a', type: 'message', role: 'assistant',
      content: [{ type: 'output_text', text: 'text of a' }],
    },
  });
  assert.equal(told(item('u')).item.content[0].type, 'input_text');
});

test('calls are told with their outputs, and no output without its call', () => {
  const call = (id, fields) => item(id, { type: 'function_call', role: 'assistant', name: 'add', callID: id, ...fields });
  const output = (id) => item(`${id}_out`, { type: 'function_call_output', role: 'tool', callID: id });
  const now = conversation(
    output('earlier'), call('c1'), output('c1'), call('cut', { status: 'incomplete' }), output('cut'),
  );
  const told = retellings(now, emptyConversation);
  assert.deepEqual(ids(told), ['c1', 'c1_out']);
  assert.deepEqual(told.map((event) => event.item), [
    { id: 'c1', type: 'function_call', name: 'add', call_id: 'c1', arguments: 'text of c1' },
    { id: 'c1_out', type: 'function_call_output', call_id: 'c1', output: 'text of c1_out' },
  ]);
});

test('the newest that fits is told', () => {
  const many = Array.from({ length: 30 }, (_, index) => item(`i${index}`));
  assert.deepEqual(ids(retellings(conversation(...many), emptyConversation)).length, 24);
  const long = conversation(item('a', { text: 'x'.repeat(16_000) }), item('b', { text: 'y'.repeat(400) }));
  assert.deepEqual(ids(retellings(long, emptyConversation)), ['b']);
});

test('what is told again stays as it is on the page, and what comes then stands behind it', () => {
  const left = conversation(item('old'), item('cut', { role: 'assistant', audioEndMs: 100, status: 'incomplete' }));
  const echo = { id: 'cut', type: 'message', role: 'assistant', status: 'completed', content: [] };
  const state = after(
    carryOn(interrupt(left)), retellings(left, conversation(left.items.old))[0],
    { type: 'conversation.item.added', previous_item_id: null, item: echo },
    { type: 'conversation.item.done', previous_item_id: null, item: echo },
    { type: 'conversation.item.added', previous_item_id: 'cut', item: { ...echo, id: 'next' } },
  );
  assert.deepEqual(state.order, ['old', 'cut', 'next']);
  assert.deepEqual(state.items.cut, { ...left.items.cut, isRetold: true });
});
