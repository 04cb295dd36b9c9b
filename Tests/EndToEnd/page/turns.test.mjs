// Whose turn it is, and how long a lost connection waits.

import assert from 'node:assert/strict';
import { test } from 'node:test';
import { Backoff } from '../../../public/js/realtime/backoff.js';
import { TurnTaking } from '../../../public/js/realtime/turn-taking.js';

/** A floor on which everything is noted. */
function makeFloor({ truncatesItself = false, heard = [], isActive = false } = {}) {
  const floor = {
    sent: [], hints: [], isActive, isConnected: true, microphone: { isOpen: false },
  };
  const transport = { truncatesItself, silence: async () => heard };
  const turns = new TurnTaking({
    transport: () => transport,
    microphone: () => floor.microphone,
    hasActiveResponse: () => floor.isActive,
    send: (event) => {
      if (!floor.isConnected) return false;
      floor.last = event;
      return floor.sent.push(event.type) > 0;
    },
    hint: (text) => floor.hints.push(text),
  });
  return { floor, turns };
}

const heard = [{ itemID: 'a', contentIndex: 0, audioEndMs: 700 }];
const pause = (milliseconds) => new Promise((resolve) => setTimeout(resolve, milliseconds));

test('who talks over an answer cuts it where it was heard, and cancels nothing', async () => {
  const { floor, turns } = makeFloor({ heard, isActive: true });
  await turns.bargedIn();
  assert.deepEqual(floor.sent, ['conversation.item.truncate']);
});

test('where upstream knows what was heard, it is left to upstream', async () => {
  const { floor, turns } = makeFloor({ heard, truncatesItself: true });
  await turns.bargedIn();
  assert.deepEqual(floor.sent, []);
});

test('who stops an answer cancels it, if it is still being made', async () => {
  for (const [isActive, expected] of [
    [true, ['response.cancel', 'conversation.item.truncate']],
    [false, ['conversation.item.truncate']],
  ]) {
    const { floor, turns } = makeFloor({ heard, isActive });
    await turns.stopAnswer();
    assert.deepEqual(floor.sent, expected);
  }
});

test('what was cut while the connection was lost is told when it is there again', async () => {
  const { floor, turns } = makeFloor({ heard, isActive: true });
  floor.isConnected = false;
  await turns.stopAnswer();
  assert.deepEqual(floor.sent, []);
  floor.isConnected = true;
  turns.resumed();
  assert.deepEqual(floor.sent, ['response.cancel', 'conversation.item.truncate']);
  assert.equal(floor.last.audio_end_ms, 700);
});

test('a cut is told again until upstream has confirmed or refused it', async () => {
  const { floor, turns } = makeFloor({ heard });
  await turns.bargedIn();
  turns.truncated({ item_id: 'another one' });
  turns.refused({ error: { event_id: 'event_other' } });
  turns.resumed();
  assert.equal(floor.sent.length, 2);
  turns.truncated({ item_id: 'a' });
  turns.resumed();
  assert.equal(floor.sent.length, 2);
  await turns.bargedIn();
  turns.refused({ error: { event_id: floor.last.event_id } });
  turns.resumed();
  await turns.bargedIn();
  turns.reset();
  turns.resumed();
  assert.equal(floor.sent.length, 4);
});

test('a press opens the microphone, and its end asks for an answer', async () => {
  const { floor, turns } = makeFloor();
  turns.press();
  assert.equal(floor.microphone.isOpen, true);
  turns.press();
  await pause(250);
  const released = turns.release();
  assert.equal(floor.microphone.isOpen, true, 'what was just said is still heard');
  await released;
  assert.equal(floor.microphone.isOpen, false);
  turns.committed();
  assert.deepEqual(floor.sent, [
    'input_audio_buffer.clear', 'input_audio_buffer.commit', 'response.create',
  ]);
});

test('a press that is too short is no turn', async () => {
  const { floor, turns } = makeFloor();
  turns.press();
  await turns.release();
  assert.deepEqual(floor.sent, ['input_audio_buffer.clear', 'input_audio_buffer.clear']);
  assert.equal(floor.hints.length, 1);
});

test('who presses again at once goes on with the same turn', async () => {
  const { floor, turns } = makeFloor();
  turns.press();
  await pause(250);
  const released = turns.release();
  turns.press();
  await released;
  assert.equal(floor.microphone.isOpen, true);
  await turns.release();
  turns.committed();
  assert.deepEqual(floor.sent, [
    'input_audio_buffer.clear', 'input_audio_buffer.commit', 'response.create',
  ]);
});

test('a turn in which nothing was heard is not answered, and one that got lost is said again', async () => {
  const { floor, turns } = makeFloor();
  turns.press();
  await pause(250);
  await turns.release();
  turns.refused({ error: { code: 'input_audio_buffer_commit_empty', event_id: floor.last.event_id } });
  turns.committed();
  assert.ok(!floor.sent.includes('response.create'));
  assert.match(floor.hints[0], /Nothing was heard/);
  turns.press();
  await pause(250);
  floor.isConnected = false;
  await turns.release();
  assert.match(floor.hints[1], /say your last words again/);
});

test('a request that got lost with its connection is made again, and an answered one is not', () => {
  const { floor, turns } = makeFloor();
  turns.askForResponse();
  floor.isActive = true;
  turns.askAgain();
  assert.deepEqual(floor.sent, ['response.create', 'response.create']);
  turns.begun();
  turns.askAgain();
  assert.equal(floor.sent.length, 2);
});

test('the end of a turn that got lost with its connection is told again', async () => {
  const { floor, turns } = makeFloor();
  turns.press();
  await pause(250);
  await turns.release();
  turns.askAgain();
  turns.committed();
  turns.askAgain();
  assert.deepEqual(floor.sent.slice(2), ['input_audio_buffer.commit', 'response.create', 'response.create']);
});

const busy = (cause) =>
  ({ error: { code: 'conversation_already_has_active_response', event_id: cause } });

test('where upstream answers what was said, it is asked for what was typed behind that', () => {
  const { floor, turns } = makeFloor();
  turns.askForResponse();
  turns.refused(busy('event_other'));
  turns.goOn();
  assert.equal(floor.sent.length, 1);
  turns.begun();
  turns.refused(busy(floor.last.event_id));
  turns.goOn();
  assert.equal(floor.sent.length, 2);
  turns.askAgain();
  turns.refused(busy(floor.last.event_id));
  turns.goOn();
  assert.equal(floor.sent.length, 3, 'it may be the very answer that was asked for twice');
});

test('what waited behind an answer that is cut was not heard at all', async () => {
  const cut = [...heard, { itemID: 'b', contentIndex: 0, audioEndMs: 0 }];
  const { floor, turns } = makeFloor({ heard: cut });
  await turns.bargedIn();
  turns.truncated({ item_id: 'a' });
  turns.resumed();
  assert.equal(floor.sent.length, 3);
  assert.deepEqual([floor.last.item_id, floor.last.audio_end_ms], ['b', 0]);
});

test('the model answers once nothing else runs', () => {
  const { floor, turns } = makeFloor({ isActive: true });
  turns.askForResponse();
  turns.askForResponse();
  assert.deepEqual(floor.sent, []);
  floor.isActive = false;
  turns.goOn();
  turns.goOn();
  assert.deepEqual(floor.sent, ['response.create']);
});

/** What a browser has, with timers that run when they are told to. */
function makeBrowser({ onLine = true } = {}) {
  const timers = [];
  const browser = { window: new EventTarget(), document: new EventTarget(), timers };
  Object.assign(globalThis, { window: browser.window, document: browser.document });
  Object.defineProperty(globalThis, 'navigator', { value: { onLine }, configurable: true });
  const kept = globalThis.setTimeout;
  globalThis.setTimeout = (work, delayMs) => timers.push({ work, delayMs });
  browser.restore = () => (globalThis.setTimeout = kept);
  return browser;
}

const settled = () => new Promise((resolve) => setImmediate(resolve));

/** Whether a promise has resolved by now. */
async function isOver(promise) {
  let over = false;
  promise.then(() => (over = true), () => {});
  await settled();
  return over;
}

test('pauses begin short, grow to a bound, and come to an end', async () => {
  const browser = makeBrowser();
  const backoff = new Backoff();
  const { signal } = new AbortController();
  while (!backoff.isOver) {
    const paused = backoff.pause(signal);
    browser.timers.at(-1).work();
    await paused;
  }
  browser.restore();
  const delays = browser.timers.map(({ delayMs }) => delayMs);
  assert.equal(delays.length, 14);
  assert.ok(delays[0] <= 300 && delays[0] >= 150, `${delays[0]}`);
  assert.ok(delays.every((delay) => delay <= 15_000));
  const total = delays.reduce((sum, delay) => sum + delay, 0);
  assert.ok(total > 45_000 && total < 130_000, `${total}`);
});

for (const [target, type] of [['window', 'online'], ['document', 'visibilitychange']]) {
  test(`${type} ends a pause`, async () => {
    const browser = makeBrowser();
    const paused = new Backoff().pause(new AbortController().signal);
    assert.equal(await isOver(paused), false);
    browser[target].dispatchEvent(new Event(type));
    assert.equal(await isOver(paused), true);
    browser.restore();
  });
}

for (const [what, end] of [
  ['its return', ({ window }) => window.dispatchEvent(new Event('online'))],
  ['some seconds', ({ timers }) => timers[0].work()],
]) {
  test(`without a network, a try waits for ${what}`, async () => {
    const browser = makeBrowser({ onLine: false });
    const backoff = new Backoff();
    const paused = backoff.pause(new AbortController().signal);
    assert.equal(await isOver(paused), false);
    assert.equal(backoff.tries, 0);
    assert.deepEqual(browser.timers.map(({ delayMs }) => delayMs), [5_000]);
    end(browser);
    await settled();
    browser.timers[1].work();
    assert.equal(await isOver(paused), true);
    browser.restore();
  });
}

test('who ends the session waits for nothing', async () => {
  const browser = makeBrowser();
  const ending = new AbortController();
  const paused = new Backoff().pause(ending.signal);
  ending.abort();
  await assert.rejects(paused, { name: 'AbortError' });
  await assert.rejects(new Backoff().pause(ending.signal), { name: 'AbortError' });
  browser.restore();
});
