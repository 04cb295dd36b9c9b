// The relay's connection, on a socket that is none.

import assert from 'node:assert/strict';
import { test } from 'node:test';
import { RelaySocket } from '../../../public/js/realtime/relay-socket.js';

const OPEN = 1;

class FakeSocket {
  static OPEN = OPEN;
  static last;
  readyState = OPEN;
  bufferedAmount = 0;
  sent = [];
  closedWith = null;

  constructor() {
    FakeSocket.last = this;
  }

  send(text) {
    this.sent.push(JSON.parse(text).type);
  }

  close(code) {
    this.closedWith ??= code;
  }

  tell(event) {
    this.onmessage({ data: JSON.stringify(event) });
  }
}

const session = { id: 'sess_1', url: 'ws://broker/', client_secret: { value: 'bs_1' } };
const audio = (response, item) => ({
  type: 'response.output_audio.delta', response_id: response, item_id: item, content_index: 0,
  delta: 'AAAA',
});

/** A connected relay, its socket, and what it played and told; timers run when they are told to. */
async function connected(t) {
  globalThis.WebSocket = FakeSocket;
  const timers = [];
  const kept = [globalThis.setTimeout, globalThis.clearTimeout];
  globalThis.setTimeout = (work, delayMs) => timers.push({ work, delayMs });
  globalThis.clearTimeout = (id) => id && timers.splice(id - 1, 1, null);
  t.after(() => ([globalThis.setTimeout, globalThis.clearTimeout] = kept));
  const played = [];
  const closures = [];
  const player = { play: (item) => played.push(item), finish() {}, clear: async () => [] };
  const relay = new RelaySocket(player, {
    onEvent() {}, onClose: (closure) => closures.push(closure), onPlaying() {},
  });
  const opened = relay.connect(session);
  const socket = FakeSocket.last;
  socket.tell({ type: 'session.created' });
  await opened;
  return { relay, socket, played, closures, running: () => timers.filter(Boolean) };
}

test('who ends for good says so, and a connection that is given up does not', async (t) => {
  const ended = await connected(t);
  ended.relay.close();
  assert.deepEqual([ended.socket.closedWith, ended.closures], [1000, []]);
  const lost = await connected(t);
  lost.relay.lose();
  lost.relay.lose();
  assert.equal(lost.socket.closedWith, 4408);
  assert.deepEqual(lost.closures, [{ code: 1006, reason: 'network' }]);
});

test('a socket that takes nothing any more is given up', async (t) => {
  const { relay, socket, closures } = await connected(t);
  socket.bufferedAmount = 600 * 1024;
  assert.equal(relay.send({ type: 'response.create' }), false);
  assert.equal(socket.closedWith, 4408);
  assert.equal(closures.length, 1);
});

for (const type of ['conversation.item.create', 'input_audio_buffer.commit']) {
  test(`a connection on which ${type} is not answered is dead`, async (t) => {
    const { relay, socket, closures, running } = await connected(t);
    relay.send({ type: 'input_audio_buffer.append', audio: '' });
    assert.deepEqual(running(), []);
    relay.send({ type });
    socket.tell({ type: 'rate_limits.updated' });
    assert.deepEqual(running(), [], 'whatever comes shows that it lives');
    relay.send({ type });
    relay.send({ type });
    const [watch, ...others] = running();
    assert.deepEqual([watch.delayMs, others], [10_000, []]);
    watch.work();
    assert.equal(socket.closedWith, 4408);
    assert.equal(closures.length, 1);
  });
}

test('an answer that is stopped before it is heard stays silent, and the next one is heard', async (t) => {
  const { relay, socket, played } = await connected(t);
  socket.tell({ type: 'response.created', response: { id: 'r1' } });
  await relay.silence();
  socket.tell(audio('r1', 'a'));
  socket.tell({ type: 'response.done', response: { id: 'r1' } });
  socket.tell({ type: 'response.created', response: { id: 'r2' } });
  socket.tell(audio('r2', 'b'));
  assert.deepEqual(played, ['b']);
});

test('a connection that is asked for a sign of life and gives none is dead', async (t) => {
  const { relay, socket, closures, running } = await connected(t);
  relay.check();
  assert.deepEqual(socket.sent, ['session.update']);
  socket.tell({ type: 'session.updated', session: {} });
  assert.deepEqual(running(), []);
  relay.send({ type: 'conversation.item.create' });
  relay.check();
  const [watch, ...others] = running();
  assert.deepEqual([watch.delayMs, others], [4_000, []], 'it is soon known');
  watch.work();
  assert.deepEqual(closures, [{ code: 1006, reason: 'network' }]);
});
