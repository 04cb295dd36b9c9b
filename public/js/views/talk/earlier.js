import { pageHash } from '../../router.js';
import { make } from '../dom.js';
import { storedText } from '../stored-text.js';
import { dayAndClockText } from '../times.js';
import { ToolCallView } from './tool-call.js';
import { TurnView } from './turn.js';

const SHOWN = 50;

/**
 * The last turns of a stored conversation before the live ones, and the way to all of it; nothing if
 * nothing was said.
 *
 * @returns {Promise<HTMLElement[]>}
 */
export async function earlierTurns(live, api, id) {
  const { data } = await api.listMessages(id, { order: 'desc', limit: SHOWN });
  const stored = data.reverse();
  const { items } = live.conversation;
  // What has been said since it was continued may be stored already.
  const begin = stored.findIndex(({ item_id: item }) => item in items);
  const messages = begin < 0 ? stored : stored.slice(0, begin);
  if (messages.length === 0) return [];
  const title = `Earlier, until ${dayAndClockText(messages.at(-1).created_at)}`;
  const all = make('a', { href: pageHash('history', { id }), textContent: 'All of it in History' });
  return [
    make('header', { className: 'bar' }, make('h2', { textContent: title }), all),
    make('ol', { className: 'transcript' }, ...messages.flatMap((it) => rows(it, messages))),
  ];
}

/** The output of a call is shown with it. */
function rows(message, messages) {
  const { type, role, content, metadata } = message;
  if (type === 'function_call_output') return [];
  if (type === 'message') {
    const turn = new TurnView(role);
    turn.show(message, storedText(message));
    return [turn.element];
  }
  const call = new ToolCallView();
  const output = messages.find((other) =>
    other.type === 'function_call_output' && other.metadata.call_id === metadata.call_id);
  call.show({ name: metadata.name, text: content }, output && { text: output.content });
  return [call.element];
}
