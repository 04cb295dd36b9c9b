// The captions of a broadcast as events and pages of the store bring them.

import assert from 'node:assert/strict';
import { test } from 'node:test';
import { CaptionList } from '../../../public/js/broadcasts/captions.js';
import { EventStreamParser } from '../../../public/js/broadcasts/event-stream.js';
import { gapText } from '../../../public/js/broadcasts/words.js';
import { durationText } from '../../../public/js/views/times.js';

const segment = (sequence, fields = {}) => ({
  sequence,
  revision: 1,
  kind: 'text',
  text: `text ${sequence}`,
  reason: null,
  speaker: 1,
  start_ms: sequence * 1_000,
  end_ms: sequence * 1_000 + 500,
  event_id: `en.${sequence}`,
  ...fields,
});
const delta = (sequence, text) => ({ sequence, text, speaker: 1, start_ms: sequence * 1_000 });
const joined = (at_ms, events_missing = false) => ({ at_ms, events_missing });
const texts = (list) => list.sequences.map((sequence) => list.get(sequence).text);

function listOf(...sequences) {
  const list = new CaptionList();
  list.joined(joined(0));
  for (const sequence of sequences) list.completed(segment(sequence));
  return list;
}

test('captions stand in the order of what was said, however they come', () => {
  assert.deepEqual(listOf(2, 1, 3).sequences, [1, 2, 3]);
});

test('the last revision holds, and none is there twice', () => {
  const list = listOf(1);
  assert.equal(list.completed(segment(1, { revision: 2, text: 'better' })), false);
  assert.equal(list.completed(segment(1)), false);
  assert.deepEqual(texts(list), ['better']);
});

test('a draft becomes a caption, and what comes of it later is no draft again', () => {
  const list = listOf();
  list.delta(delta(1, 'hel'));
  list.delta(delta(1, 'hello'));
  assert.equal(list.get(1).isDraft, true);
  assert.equal(list.completed(segment(1)), true);
  list.delta(delta(1, 'hello th'));
  assert.deepEqual([texts(list), list.get(1).isDraft], [['text 1'], false]);
});

test('who comes back names the last event, and drafts are told again', () => {
  const list = listOf(1, 2);
  list.delta(delta(3, 'being sp'));
  assert.equal(list.mark, 'en.2');
  list.joined(joined(9_000));
  assert.deepEqual(list.sequences, [1, 2]);
  assert.equal(list.completed(segment(3)), true);
  assert.deepEqual(list.sequences, [1, 2, 3]);
});

test('who was away too long keeps nothing that has a hole behind it', () => {
  const list = listOf(1, 2);
  list.joined(joined(99_000, true));
  for (const sequence of [50, 51]) assert.equal(list.completed(segment(sequence)), false);
  assert.deepEqual(list.sequences, [50, 51]);
});

test('of what is told to those who join, an unbroken stretch stays', () => {
  const list = new CaptionList();
  list.joined(joined(99_000));
  for (const sequence of [3, 40, 41, 7]) {
    assert.equal(list.completed(segment(sequence)), false, 'told again, not anew');
  }
  assert.deepEqual(list.sequences, [40, 41]);
  assert.equal(list.completed(segment(100)), true);
  assert.deepEqual(list.sequences, [40, 41, 100]);
});

test('older pages stand before, and change nothing that is known', () => {
  const list = listOf(3);
  list.completed(segment(3, { revision: 2, text: 'better' }));
  list.addOlder([segment(1), segment(2), segment(3)]);
  assert.deepEqual(texts(list), ['text 1', 'text 2', 'better']);
  list.trim(2);
  assert.deepEqual([list.sequences, list.first], [[2, 3], 2]);
});

test('a view hears what changed, and of what is gone', () => {
  const list = listOf(1, 2);
  list.changed.clear();
  list.trim(1);
  list.completed(segment(3));
  assert.deepEqual([...list.changed], [1, 3]);
});

test('server-sent events are read however they are cut', () => {
  const stream = ': ping\n\nid: en.1\nevent: a\ndata: {"x":"é: b"}\n\ndata: 1\r\ndata: 2\r\n\r\n';
  for (let size = 1; size <= stream.length; size += 1) {
    const found = [];
    const parser = new EventStreamParser((data) => found.push(data));
    for (let at = 0; at < stream.length; at += size) parser.add(stream.slice(at, at + size));
    assert.deepEqual(found, ['{"x":"é: b"}', '1\n2'], `pieces of ${size}`);
  }
});

test('a gap says how much is missing, and why', () => {
  const gap = { kind: 'gap', reason: 'rate_limited', start_ms: 1_000, end_ms: 5_200 };
  assert.equal(gapText(gap), 'About 4 s are missing: the speech service was too busy.');
  assert.equal(
    gapText({ ...gap, reason: 'no_listeners' }),
    'Not translated: nobody listened in this language.',
  );
  assert.equal(gapText({ ...gap, reason: 'new', end_ms: 1_000 }),
    'Something is missing: something went wrong.');
});

test('times are those since the beginning', () => {
  assert.deepEqual([0, 65_999, 3_725_000, -1].map(durationText), ['0:00', '1:05', '1:02:05', '0:00']);
});
