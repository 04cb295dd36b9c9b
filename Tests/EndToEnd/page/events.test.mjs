import assert from 'node:assert/strict';
import { test } from 'node:test';
import {
  functionOutput,
  makeID,
  turnDetectionUpdate,
  userMessage,
  withEventID,
} from '../../../public/js/realtime/events.js';

test('ids have the prefix and upstream’s length, and differ', () => {
  const ids = new Set(Array.from({ length: 100 }, () => makeID('item_')));
  assert.equal(ids.size, 100);
  for (const id of ids) assert.match(id, /^item_[A-Za-z0-9]{21}$/);
});

test('a typed message carries ids of its event and of its item', () => {
  const event = userMessage('Hello');
  assert.match(event.event_id, /^event_/);
  assert.match(event.item.id, /^item_/);
  assert.deepEqual(event.item.content, [{ type: 'input_text', text: 'Hello' }]);
});

test('an event that has an id keeps it', () => {
  assert.equal(withEventID({ type: 'response.create', event_id: 'mine' }).event_id, 'mine');
});

test('the output of a function names its call', () => {
  const { type, item } = functionOutput('call_1', '{"found":1}');
  assert.equal(type, 'conversation.item.create');
  assert.match(item.id, /^item_/);
  assert.deepEqual({ ...item, id: null }, {
    id: null, type: 'function_call_output', call_id: 'call_1', output: '{"found":1}',
  });
});

test('push to talk is upstream’s turn detection turned off', () => {
  const detection = (mode) => turnDetectionUpdate(mode).session.audio.input.turn_detection;
  assert.equal(detection('push_to_talk'), null);
  assert.deepEqual(detection('semantic_vad'), { type: 'semantic_vad' });
});
