// A voice page in thirty lines: press, talk, read along. The broker stores what is said.

import * as api from '/js/api.js';
import { RealtimeSession } from '/js/realtime/realtime-session.js';

const [button, state, transcript] = ['talk', 'state', 'transcript'].map((id) =>
  document.getElementById(id));
const session = new RealtimeSession({ api });

session.addEventListener('change', () => {
  state.textContent = session.problem?.message ?? session.state;
  button.textContent = session.isRunning ? 'End' : 'Talk';
  const { order, items } = session.conversation;
  const lines = order.map((id) => `${items[id].role}: ${items[id].text}`);
  transcript.replaceChildren(...lines.map((line) =>
    Object.assign(document.createElement('li'), { textContent: line })));
});

button.addEventListener('click', () => {
  if (session.isRunning) return session.end();
  session.start({
    voice: 'marin',
    tools: [{ type: 'function', name: 'get_time', description: 'The time of day', parameters: {} }],
    functions: { get_time: () => new Date().toLocaleTimeString() },
  });
});

addEventListener('pagehide', () => session.leave());
