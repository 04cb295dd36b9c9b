// What a session does, in words.

const names = {
  idle: 'Ready when you are',
  connecting: 'Connecting',
  listening: 'Listening',
  thinking: 'Thinking',
  speaking: 'Speaking',
  reconnecting: 'Reconnecting',
  error: 'Not connected',
};

const texts = {
  idle: 'Talk, or type below.',
  connecting: 'One moment …',
  listening: 'Say something.',
  thinking: 'One moment …',
  speaking: 'Talk over it whenever you like.',
  reconnecting: 'The connection was lost. What you type is kept.',
  error: '',
};

/** What is said of a phase as it begins; failures are said where they are shown. */
const spoken = {
  idle: 'The session has ended',
  connecting: 'Connecting',
  reconnecting: 'The connection was lost. Reconnecting',
};

/** What those hear of a state who do not see it: only what they do not notice by listening. */
export function spokenText({ phase, options, hasMicrophone }) {
  if (phase !== 'live') return spoken[phase] ?? '';
  if (!hasMicrophone) return 'Ready';
  const isHeld = options.turnDetection === 'push_to_talk';
  return isHeld ? 'Ready. Hold the space bar to talk' : 'Listening';
}

/** @returns {{name: string, text: string}} */
export function describe(live) {
  const { state } = live;
  return { name: special(live)?.[0] ?? names[state], text: special(live)?.[1] ?? texts[state] };
}

/** What pressing the orb does now. */
export function orbAction(live) {
  const { isRunning, phase, state, options, isPlaying, isMuted, hasMicrophone } = live;
  if (!isRunning) return 'Start talking';
  if (phase === 'reconnecting' && isPlaying) return 'Stop the answer';
  if (phase !== 'live') return 'Connecting';
  if (options.turnDetection === 'push_to_talk' && hasMicrophone) return 'Hold to talk';
  if (state === 'speaking') return 'Stop the answer';
  if (!hasMicrophone) return 'No microphone';
  return isMuted ? 'Unmute the microphone' : 'Mute the microphone';
}

function special({ state, options, isPressed, isUserSpeaking, isMuted, hasMicrophone }) {
  if (state === 'idle' || state === 'error' || state === 'reconnecting') return null;
  if (state === 'speaking' && !hasMicrophone) return ['Answering', 'It answers in writing.'];
  if (state !== 'listening') return null;
  if (!hasMicrophone) return ['Ready', 'Type a message.'];
  if (isPressed) return ['Listening', 'Let go when you have finished.'];
  if (isMuted) return ['Muted', 'You are not heard.'];
  if (options.turnDetection === 'push_to_talk') return ['Ready', 'Hold the orb or the space bar to talk.'];
  return isUserSpeaking ? ['Listening', 'I hear you …'] : null;
}
