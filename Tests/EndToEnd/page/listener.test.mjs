// One who listens to a broadcast, on a socket that is none.

import assert from 'node:assert/strict';
import { test } from 'node:test';
import { BroadcastListener } from '../../../public/js/broadcasts/listener.js';

class FakeSocket {
  static OPEN = 1;
  static last;
  readyState = 1;
  sent = [];

  constructor(url) {
    this.url = url;
    FakeSocket.last = this;
  }

  send(text) {
    this.sent.push(JSON.parse(text));
  }

  close() {
    const told = this.onclose;
    this.onclose = null;
    told?.();
  }

  tell(event) {
    this.onmessage({ data: JSON.stringify(event) });
  }
}

test('a voice that is asked for while connecting is heard', (t) => {
  Object.assign(globalThis, {
    document: new EventTarget(), location: 'http://broker/', WebSocket: FakeSocket,
    addEventListener() {},
  });
  const listener = new BroadcastListener({ id: 'bcast_1', language: 'es', check: async () => {} });
  t.after(() => listener.close());
  const socket = FakeSocket.last;
  listener.setAudio(true);
  assert.deepEqual([socket.url.searchParams.has('audio'), socket.sent], [false, []]);
  socket.tell({ type: 'broadcast.joined', language: 'es', status: 'live', speaking: true,
    listeners: 1, segments: [], drafts: [] });
  assert.deepEqual(socket.sent, [{ type: 'listener.update', audio: true }]);
});
