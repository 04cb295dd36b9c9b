import assert from 'node:assert/strict';
import { test } from 'node:test';
import {
  activity,
  emptyConversation,
  interrupt,
  storedMessage,
  update,
} from '../../../public/js/realtime/conversation.js';

/** Runs events through the table; gives the last state, and all that was finished and noticed. */
function play(events, start = emptyConversation) {
  const finished = [];
  const notices = [];
  const state = events.reduce((before, event) => {
    const result = update(before, event);
    finished.push(...result.finished);
    if (result.notice) notices.push(result.notice);
    return result.state;
  }, start);
  return { state, finished, notices };
}

const typed = (id, text, eventID = `event_${id}`) => ({
  type: 'conversation.item.create',
  event_id: eventID,
  item: { id, type: 'message', role: 'user', content: [{ type: 'input_text', text }] },
});
const message = (id, role, text, status = 'completed') => ({
  id,
  type: 'message',
  role,
  status,
  content: text === null ? [] : [{ type: role === 'user' ? 'input_text' : 'output_text', text }],
});
const added = (item, previous) => ({
  type: 'conversation.item.added',
  previous_item_id: previous,
  item,
});
const done = (item) => ({ type: 'conversation.item.done', previous_item_id: null, item });
const delta = (id, text) => ({
  type: 'response.output_text.delta',
  item_id: id,
  content_index: 0,
  delta: text,
});
const created = (id) => ({ type: 'response.created', response: { id } });
const responded = (id, status = 'completed', details = null) => ({
  type: 'response.done',
  response: { id, status, status_details: details },
});

const textTurn = [
  typed('u1', 'Hello'),
  { type: 'response.create', event_id: 'event_r' },
  added(message('u1', 'user', 'Hello'), null),
  done(message('u1', 'user', 'Hello')),
  created('resp_1'),
  { type: 'response.output_item.added', item: message('a1', 'assistant', null, 'in_progress') },
  added(message('a1', 'assistant', null, 'in_progress'), 'u1'),
  delta('a1', 'Good '),
  delta('a1', 'day'),
  { type: 'response.output_text.done', item_id: 'a1', content_index: 0, text: 'Good day' },
  done(message('a1', 'assistant', 'Good day')),
  responded('resp_1'),
];

test('a typed message shows before upstream confirms it, and is not stored yet', () => {
  const { state, finished } = play([typed('u1', 'Hello')]);
  assert.deepEqual(state.order, ['u1']);
  assert.equal(state.items.u1.status, 'in_progress');
  assert.deepEqual(finished, []);
});

test('a text turn stores each item once, in order', () => {
  const { state, finished } = play(textTurn);
  assert.deepEqual(finished, ['u1', 'a1']);
  assert.deepEqual(state.order, ['u1', 'a1']);
  assert.equal(state.items.a1.text, 'Good day');
});

test('a session is thinking from the request on, answering from the first text, then ready', () => {
  const seen = textTurn.map((_, index) => activity(play(textTurn.slice(0, index + 1)).state));
  assert.deepEqual(seen, [
    'ready',
    ...Array(6).fill('thinking'),
    ...Array(4).fill('answering'),
    'ready',
  ]);
});

test('the predecessor is that of added, though done names none', () => {
  const { state } = play(textTurn);
  assert.deepEqual(storedMessage(state.items.a1, 'sess_1'), {
    item_id: 'a1',
    previous_item_id: 'u1',
    session_id: 'sess_1',
    type: 'message',
    role: 'assistant',
    content: 'Good day',
    status: 'completed',
    metadata: {},
  });
  assert.equal(storedMessage(state.items.u1, 'sess_1').previous_item_id, null);
});

test('an item whose predecessor was never told is stored without one', () => {
  const { state } = play([done(message('u1', 'user', 'Hello'))]);
  assert.equal('previous_item_id' in storedMessage(state.items.u1, 'sess_1'), false);
});

test('an item added late stands behind its predecessor', () => {
  const { state } = play([
    added(message('a', 'user', 'one'), null),
    added(message('c', 'assistant', 'three'), 'a'),
    added(message('b', 'user', 'two'), 'a'),
  ]);
  assert.deepEqual(state.order, ['a', 'b', 'c']);
});

test('deltas of two items may be interleaved', () => {
  const { state } = play([
    added(message('a', 'assistant', null, 'in_progress'), null),
    added({ id: 'f', type: 'function_call', name: 'look', call_id: 'call_1', arguments: '' }, 'a'),
    delta('a', 'Let me '),
    { type: 'response.function_call_arguments.delta', item_id: 'f', delta: '{"q":' },
    delta('a', 'look.'),
    { type: 'response.function_call_arguments.delta', item_id: 'f', delta: '1}' },
  ]);
  assert.equal(state.items.a.text, 'Let me look.');
  assert.equal(state.items.f.text, '{"q":1}');
});

test('a function call and its output keep name and call id', () => {
  const { state, finished } = play([
    done({ id: 'f', type: 'function_call', name: 'look', call_id: 'call_1', arguments: '{}' }),
    done({ id: 'o', type: 'function_call_output', call_id: 'call_1', output: '42' }),
  ]);
  assert.deepEqual(finished, ['f', 'o']);
  const stored = finished.map((id) => storedMessage(state.items[id], 's'));
  assert.deepEqual(
    stored.map(({ role, content, metadata }) => ({ role, content, metadata })),
    [
      { role: 'assistant', content: '{}', metadata: { name: 'look', call_id: 'call_1' } },
      { role: 'tool', content: '42', metadata: { call_id: 'call_1' } },
    ],
  );
});

test('speech is stored at once as in progress, and again with its transcript', () => {
  const spoken = {
    id: 'u1',
    type: 'message',
    role: 'user',
    status: 'completed',
    content: [{ type: 'input_audio', transcript: null }],
  };
  const heard = [added(spoken, null), done(spoken)];
  assert.equal(play(heard).state.items.u1.status, 'in_progress');
  const transcribed = {
    type: 'conversation.item.input_audio_transcription.completed',
    item_id: 'u1',
    transcript: 'Hi',
  };
  const { state, finished } = play([...heard, transcribed]);
  assert.deepEqual(finished, ['u1', 'u1']);
  assert.equal(state.items.u1.text, 'Hi');
  assert.equal(state.items.u1.status, 'completed');
});

test('a transcription that fails says so', () => {
  const { state } = play([
    added(message('u1', 'user', null), null),
    {
      type: 'conversation.item.input_audio_transcription.failed',
      item_id: 'u1',
      error: { code: 'audio_unintelligible' },
    },
  ]);
  assert.equal(state.items.u1.metadata.transcription, 'audio_unintelligible');
});

test('a truncated answer keeps its text and how much was heard', () => {
  const cut = { type: 'conversation.item.truncated', item_id: 'a1', audio_end_ms: 1200 };
  const { state, finished } = play([...textTurn, cut]);
  assert.deepEqual(finished, ['u1', 'a1', 'a1']);
  assert.equal(state.items.a1.text, 'Good day');
  assert.equal(state.items.a1.status, 'incomplete');
  assert.equal(state.items.a1.metadata.audio_end_ms, 1200);
});

test('what upstream adds when nobody speaks is left out', () => {
  const { state, finished } = play([
    { type: 'input_audio_buffer.timeout_triggered', item_id: 'silence' },
    added(message('nudge', 'system', 'The user is silent.'), null),
    done(message('nudge', 'system', 'The user is silent.')),
    added(message('silence', 'user', null), 'nudge'),
    done(message('silence', 'user', null)),
    created('resp_1'),
    done(message('s', 'system', 'Something real')),
  ]);
  assert.deepEqual(state.order, ['s']);
  assert.deepEqual(finished, ['s']);
});

test('a deleted item goes', () => {
  const { state } = play([...textTurn, { type: 'conversation.item.deleted', item_id: 'a1' }]);
  assert.deepEqual(state.order, ['u1']);
  assert.equal(state.items.a1, undefined);
});

test('items of a response outside the conversation are left out', () => {
  const { state, finished } = play([created('resp_9'), delta('x', 'aside'), responded('resp_9')]);
  assert.deepEqual(state.order, []);
  assert.deepEqual(finished, []);
});

test('a refused message is marked, and not stored', () => {
  const error = { code: 'string_above_max_length', message: 'Too long.', event_id: 'event_u1' };
  const { state, finished, notices } = play([typed('u1', 'x'), { type: 'error', error }]);
  assert.equal(state.items.u1.isRefused, true);
  assert.deepEqual(finished, []);
  assert.deepEqual(notices, ['Too long.']);
});

test('a refused message stays where it was said', () => {
  const error = { message: 'Too long.', event_id: 'event_u1' };
  const { state } = play([
    added(message('a', 'assistant', 'Hello'), null),
    typed('u1', 'x'),
    { type: 'error', error },
    typed('u2', 'y'),
    added(message('u2', 'user', 'y'), 'a'),
  ]);
  assert.deepEqual(state.order, ['a', 'u1', 'u2']);
});

test('a refused response ends the thinking; an error of something else does not', () => {
  const asked = play([{ type: 'response.create', event_id: 'event_r' }]).state;
  const refused = { type: 'error', error: { message: 'No.', event_id: 'event_r' } };
  assert.equal(activity(play([refused], asked).state), 'ready');
  for (const eventID of [null, 'event_other']) {
    const other = { type: 'error', error: { message: 'No.', event_id: eventID } };
    assert.equal(activity(play([other], asked).state), 'thinking');
  }
});

test('a failed response tells why', () => {
  const details = { type: 'failed', error: { message: 'No credit is left.' } };
  const { state, notices } = play([created('resp_1'), responded('resp_1', 'failed', details)]);
  assert.deepEqual(notices, ['No credit is left.']);
  assert.equal(activity(state), 'ready');
});

test('what was being said when the connection ended is kept as far as it came', () => {
  const { state: before } = play(textTurn.slice(0, 8));
  const { state, finished } = interrupt(before);
  assert.deepEqual(finished, ['a1']);
  assert.equal(storedMessage(state.items.a1, 's').content, 'Good ');
  assert.equal(state.items.a1.status, 'incomplete');
  assert.equal(activity(state), 'ready');
});

test('a message that upstream never confirmed is not taken for sent', () => {
  const { state, finished } = interrupt(play([typed('u1', 'Hello')]).state);
  assert.equal(state.items.u1.isRefused, true);
  assert.deepEqual(finished, []);
});

test('an answer that is done without its text keeps what was streamed', () => {
  const empty = done(message('a1', 'assistant', null, 'incomplete'));
  const { state } = play([...textTurn.slice(0, 9), empty]);
  assert.equal(state.items.a1.text, 'Good day');
  assert.equal(state.items.a1.status, 'incomplete');
});

test('an unknown event changes nothing', () => {
  const { state } = play(textTurn);
  assert.equal(update(state, { type: 'something.new', item_id: 'a1' }).state, state);
});

test('nothing is changed in place', () => {
  const freeze = (value) => {
    Object.values(value ?? {}).forEach((member) => typeof member === 'object' && freeze(member));
    return value && Object.freeze(value);
  };
  const step = (before, event) => freeze(update(before, event).state);
  const state = textTurn.reduce(step, emptyConversation);
  assert.equal(state.items.a1.text, 'Good day');
});
