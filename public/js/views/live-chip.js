import { byID, setText } from './dom.js';

const names = {
  idle: 'Not connected',
  connecting: 'Connecting',
  reconnecting: 'Reconnecting',
  ready: 'Ready',
  listening: 'Listening',
  thinking: 'Thinking',
  answering: 'Answering',
  speaking: 'Speaking',
  error: 'Stopped',
};

/** Shows in the header what the session does, on whichever page one is, and leads back to it. */
export function renderLiveChip({ state }) {
  const chip = byID('live-chip');
  chip.hidden = state === 'idle';
  chip.dataset.state = state;
  setText(byID('live-state'), names[state] ?? state);
}
