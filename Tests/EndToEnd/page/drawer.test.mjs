import assert from 'node:assert/strict';
import { test } from 'node:test';
import { makeFilter } from '../../../public/js/drawer/filter.js';
import { rateLimits, responseTimes } from '../../../public/js/drawer/timing.js';
import { EventRecord } from '../../../public/js/event-record.js';

const got = (at, type, fields = {}) => ({ isSent: false, at, event: { type, ...fields } });
const sent = (at, type) => ({ isSent: true, at, event: { type } });
const created = (at, id) => got(at, 'response.created', { response: { id } });
const audio = (at, id) => got(at, 'response.output_audio.delta', { response_id: id });
const text = (at, id) => got(at, 'response.output_text.delta', { response_id: id });

test('a wait lasts from the end of speech to the first audio', () => {
  const entries = [
    got(0, 'input_audio_buffer.speech_stopped'), created(50, 'r'), audio(400, 'r'), audio(900, 'r'),
  ];
  assert.deepEqual(responseTimes(entries), [{ id: 'r', milliseconds: 400, isAudio: true }]);
});

test('audio takes the place of text that came before it, and text does not of audio', () => {
  assert.deepEqual(
    responseTimes([created(0, 'r'), text(10, 'r'), audio(90, 'r'), text(95, 'r')]),
    [{ id: 'r', milliseconds: 90, isAudio: true }],
  );
});

test('a request begins a wait, and each response has its own', () => {
  const entries = [
    sent(0, 'response.create'), created(5, 'a'), text(20, 'a'),
    created(100, 'b'), text(130, 'b'), created(200, 'c'), audio(300, 'nobody'),
  ];
  assert.deepEqual(
    responseTimes(entries).map(({ id, milliseconds }) => [id, milliseconds]),
    [['a', 20], ['b', 30]],
  );
});

test('the last limits count', () => {
  const limits = (remaining) => [{ name: 'tokens', limit: 10, remaining }];
  assert.deepEqual(rateLimits([]), []);
  assert.deepEqual(
    rateLimits([
      got(0, 'rate_limits.updated', { rate_limits: limits(9) }),
      got(1, 'broker.rate_limits', { rate_limits: limits(8) }),
      got(2, 'response.done'),
    ]),
    limits(8),
  );
});

test('a filter wants all words, in any case and order, and one direction', () => {
  const entry = { isSent: true, text: '{"type":"response.create","event_id":"event_1"}' };
  const isShown = (words, direction = '') => makeFilter({ text: words, direction })(entry);
  assert.ok(isShown(''));
  assert.ok(isShown('EVENT_1  create', 'sent'));
  assert.ok(!isShown('create nothing'));
  assert.ok(!isShown('create', 'received'));
});

function recorded(events) {
  const live = new EventTarget();
  const record = new EventRecord(live);
  for (const event of events) {
    live.dispatchEvent(new CustomEvent('event', { detail: { isSent: false, event, at: 1 } }));
  }
  return record;
}

test('the last two thousand events are kept, and all are counted', () => {
  const record = recorded(Array.from({ length: 2_100 }, (_, n) => ({ type: `event ${n}` })));
  assert.equal(record.entries.length, 2_000);
  assert.equal(record.total, 2_100);
  assert.equal(record.entries[0].event.type, 'event 100');
  assert.deepEqual([record.entries[0].number, record.entries.at(-1).number], [101, 2_100]);
  record.clear();
  assert.deepEqual([record.entries.length, record.total], [0, 0]);
});

test('audio is kept as its size, and all else as it is', () => {
  const event = { type: 'a', delta: 'Ab+/'.repeat(300) + '==', text: 'words '.repeat(200) };
  const [entry] = recorded([event]).entries;
  assert.equal(entry.event.delta, '(1202 characters of base64)');
  assert.equal(entry.event.text, event.text);
  assert.notEqual(entry.event, event);
});
