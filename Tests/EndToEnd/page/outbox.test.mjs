import assert from 'node:assert/strict';
import { test } from 'node:test';
import { Outbox } from '../../../public/js/outbox.js';
import { MemoryStorage } from '../../../public/js/storage.js';

const message = (id, content = id) => ({ item_id: id, role: 'user', content });
const temporary = (fields) => Object.assign(new Error('later'), { isTemporary: true }, fields);
const refusal = () => Object.assign(new Error('no'), { isTemporary: false });

/** An outbox whose posts are answered by `answer`, and whose timers fire by hand. */
function make({ answer = async () => ({}), storage = new MemoryStorage() } = {}) {
  const posted = [];
  const timers = [];
  const told = [];
  const outbox = new Outbox({
    storage,
    post: (conversationID, posting) => {
      posted.push([conversationID, posting.item_id, posting.content]);
      return answer(posting, posted.length);
    },
    setTimer: (work, delayMs) => timers.push({ work, delayMs }),
    random: () => 1,
  });
  for (const type of ['added', 'stored', 'refused', 'delayed']) {
    outbox.addEventListener(type, ({ detail }) => told.push([type, detail.entry?.message.item_id]));
  }
  return { outbox, storage, posted, timers, told };
}

test('messages are posted one at a time, in order', async () => {
  let running = 0;
  const { outbox, posted, told, storage } = make({
    answer: async () => {
      assert.equal((running += 1), 1);
      await null;
      running -= 1;
      return { id: 'msg_1' };
    },
  });
  outbox.add('conv', message('a'));
  outbox.add('conv', message('b'));
  await outbox.settled();
  assert.deepEqual(posted.map(([, id]) => id), ['a', 'b']);
  assert.deepEqual(told.filter(([type]) => type === 'stored'), [['stored', 'a'], ['stored', 'b']]);
  assert.equal(storage.length, 0);
});

test('a temporary failure keeps the message, and waits longer each time', async () => {
  const { outbox, timers, posted, storage } = make({
    answer: async (_, attempt) => {
      if (attempt < 4) throw temporary();
      return {};
    },
  });
  outbox.add('conv', message('a'));
  await outbox.settled();
  assert.equal(storage.length, 1);
  for (const delayMs of [500, 1_000, 2_000]) {
    const timer = timers.shift();
    assert.equal(timer.delayMs, delayMs);
    timer.work();
    await outbox.settled();
  }
  assert.equal(posted.length, 4);
  assert.equal(storage.length, 0);
});

test('the wait never grows beyond half a minute, but for Retry-After', async () => {
  const { outbox, timers } = make({
    answer: async (_, attempt) => {
      throw temporary(attempt === 12 ? { retryAfterMs: 90_000 } : {});
    },
  });
  outbox.add('conv', message('a'));
  const delays = [];
  for (let attempt = 1; attempt <= 12; attempt += 1) {
    await outbox.settled();
    const timer = timers.shift();
    delays.push(timer.delayMs);
    timer.work();
  }
  assert.deepEqual(delays.slice(8), [30_000, 30_000, 30_000, 90_000]);
});

test('a refused message goes, and the next one is posted', async () => {
  const { outbox, told, storage } = make({
    answer: async ({ item_id: id }) => {
      if (id === 'a') throw refusal();
      return {};
    },
  });
  outbox.add('conv', message('a'));
  outbox.add('conv', message('b'));
  await outbox.settled();
  assert.deepEqual(told.slice(-2), [['refused', 'a'], ['stored', 'b']]);
  assert.equal(storage.length, 0);
});

test('unsent messages of an earlier visit are posted in their order', async () => {
  const storage = new MemoryStorage();
  const before = make({ storage, answer: async () => Promise.reject(temporary()) });
  before.outbox.add('conv', message('a'));
  before.outbox.add('conv', message('b'));
  await before.outbox.settled();
  const after = make({ storage });
  after.outbox.resume();
  await after.outbox.settled();
  assert.deepEqual(after.posted.map(([, id]) => id), ['a', 'b']);
  assert.equal(storage.length, 0);
});

test('a newer message of an item replaces the older, also while that is under way', async () => {
  const { outbox, posted, storage } = make({
    answer: async ({ content }) => {
      if (content === 'old') outbox.add('conv', message('a', 'new'));
      return {};
    },
  });
  outbox.add('conv', message('a', 'old'));
  await outbox.settled();
  assert.deepEqual(posted, [['conv', 'a', 'old'], ['conv', 'a', 'new']]);
  assert.equal(storage.length, 0);
});

test('what others keep in the same storage is left alone', async () => {
  const storage = new MemoryStorage();
  storage.setItem('theme', 'dark');
  storage.setItem('other', JSON.stringify({ conversationID: 'conv', message: { item_id: 'a' } }));
  storage.setItem('broker.outbox.broken', '{');
  const { outbox } = make({ storage });
  assert.equal(outbox.size, 0);
  assert.equal(storage.getItem('theme'), 'dark');
});

test('a full storage still posts, and says so', async () => {
  const storage = new MemoryStorage();
  storage.setItem = () => {
    throw new Error('quota');
  };
  const { outbox, told, posted } = make({ storage });
  outbox.add('conv', message('a'));
  await outbox.settled();
  assert.deepEqual(told, [['delayed', undefined], ['added', 'a'], ['stored', 'a']]);
  assert.equal(posted.length, 1);
});

test('it is full at a thousand messages, and takes more all the same', async () => {
  const { outbox } = make({ answer: async () => Promise.reject(temporary()) });
  for (let index = 0; index < 999; index += 1) outbox.add('conv', message(`i${index}`));
  assert.equal(outbox.isFull, false);
  outbox.add('conv', message('last'));
  assert.equal(outbox.isFull, true);
  outbox.add('conv', message('answer'));
  assert.equal(outbox.size, 1_001);
});
