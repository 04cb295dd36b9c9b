// When a client that came back has all that it missed.

import assert from 'node:assert/strict';
import { test } from 'node:test';
import { Replay } from '../../../public/js/realtime/replay.js';

const welcome = (events_replayed) => ({ type: 'broker.session', resumed: true, events_replayed });
const event = { type: 'response.created' };

/** A replay, and how often it has ended. */
function replay() {
  let ends = 0;
  const it = new Replay(() => (ends += 1));
  return { it, ends: () => ends };
}

test('it ends with the last of the missed events', () => {
  const { it, ends } = replay();
  it.received(welcome(2));
  it.ready();
  it.received(event);
  assert.equal(ends(), 0);
  it.received(event);
  assert.equal(ends(), 1);
  it.received(event);
  assert.equal(ends(), 1);
});

test('it ends once the connection can be sent on, also where nothing was missed', () => {
  for (const count of [0, 1]) {
    const { it, ends } = replay();
    it.received(welcome(count));
    if (count > 0) it.received(event);
    assert.equal(ends(), 0);
    it.ready();
    assert.equal(ends(), 1);
  }
});

test('one that is cut off ends with the next connection', () => {
  const { it, ends } = replay();
  it.received(welcome(3));
  it.ready();
  it.received(event);
  it.lost();
  it.received(welcome(1));
  it.ready();
  assert.equal(ends(), 0);
  it.received(event);
  assert.equal(ends(), 1);
});
