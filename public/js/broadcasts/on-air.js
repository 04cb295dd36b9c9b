// The broadcast that is being spoken in: it goes on while one looks at other pages.

import { getConversation } from '../api.js';
import { pageHash } from '../router.js';
import { showToast } from '../views/toast.js';
import { getBroadcast } from './api.js';
import { BroadcastSpeaker } from './speaker.js';
import { keepAwake } from '../wake-lock.js';

let speaker = null;
let toast = null;
const wantAwake = keepAwake();
const stayAwake = () => wantAwake(speaker.isOn);

/** Whoever leaves the window while being live is asked first. */
addEventListener('beforeunload', (event) => {
  if (speaker?.isOn) event.preventDefault();
});

/** The one who speaks in a broadcast; a page that is opened finds whom it left. */
export function speakerOf({ id, conversation_id: conversation }) {
  if (speaker?.id === id) {
    toast?.remove();
    toast = null;
    return speaker;
  }
  return new BroadcastSpeaker(id, async (options) => {
    // Everybody may see a public broadcast, and only its owner its conversation.
    await getConversation(conversation, options);
    return getBroadcast(id, options);
  });
}

/** One speaks in one broadcast at a time. */
export function goLive(wanted, deviceID) {
  if (speaker !== wanted) speaker?.stop();
  speaker = wanted;
  wanted.addEventListener('change', stayAwake);
  return wanted.start(deviceID);
}

/** The page of a broadcast is left; as long as one is live there, something leads back. */
export function leavePage(left, title) {
  if (left !== speaker || !left.isOn) return;
  const address = pageHash('broadcasts', { id: left.id });
  const run = () => (location.hash = address);
  const shown = showToast(`You are live: “${title}”`, { text: 'Go back', run });
  toast = shown;
  const look = () => {
    if (left.isOn && shown.isConnected) return;
    left.removeEventListener('change', look);
    shown.remove();
  };
  left.addEventListener('change', look);
}
