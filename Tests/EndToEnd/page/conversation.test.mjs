import assert from 'node:assert/strict';
import { test } from 'node:test';
import {
  activity,
  carryOn,
  emptyConversation,
  interrupt,
  update,
} from '../../../public/js/realtime/conversation.js';
import { truncation } from '../../../public/js/realtime/events.js';

/** Runs events through the table; gives the last state, and all notices. */
function play(events, start = emptyConversation) {
  const notices = [];
  const state = events.reduce((before, event) => {
    const result = update(before, event);
    if (result.notice) notices.push(result.notice);
    return result.state;
  }, start);
  return { state, notices };
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

test('a typed message shows before upstream confirms it', () => {
  const { state } = play([typed('u1', 'Hello')]);
  assert.deepEqual(state.order, ['u1']);
  assert.equal(state.items.u1.status, 'in_progress');
});

test('a text turn is two items, in order', () => {
  const { state } = play(textTurn);
  assert.deepEqual(state.order, ['u1', 'a1']);
  assert.equal(state.items.a1.text, 'Good day');
});

test('a session thinks from the request on, answers from the first text, then listens', () => {
  const seen = textTurn.map((_, index) => activity(play(textTurn.slice(0, index + 1)).state));
  assert.deepEqual(seen, [
    'listening',
    ...Array(6).fill('thinking'),
    ...Array(4).fill('answering'),
    'listening',
  ]);
});

test('the predecessor is that of added, though done names none', () => {
  const { state } = play(textTurn);
  assert.equal(state.items.a1.previousItemID, 'u1');
  assert.equal(state.items.u1.previousItemID, null);
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
  const { items } = play([
    done({ id: 'f', type: 'function_call', name: 'look', call_id: 'call_1', arguments: '{}' }),
    done({ id: 'o', type: 'function_call_output', call_id: 'call_1', output: '42' }),
  ]).state;
  const told = ({ role, text, name, callID }) => ({ role, text, name, callID });
  assert.deepEqual(told(items.f), { role: 'assistant', text: '{}', name: 'look', callID: 'call_1' });
  assert.deepEqual(told(items.o), { role: 'tool', text: '42', name: undefined, callID: 'call_1' });
});

const speech = (id, transcript = null) => ({
  id,
  type: 'message',
  role: 'user',
  status: 'completed',
  content: [{ type: 'input_audio', transcript }],
});
const heard = (id, type, fields = {}) => ({ type: `input_audio_buffer.${type}`, item_id: id, ...fields });
const transcription = (id, type, fields) => ({
  type: `conversation.item.input_audio_transcription.${type}`,
  item_id: id,
  ...fields,
});

test('speech is open until its transcript is there', () => {
  const spoken = [added(speech('u1'), null), done(speech('u1'))];
  assert.equal(play(spoken).state.items.u1.status, 'in_progress');
  const { state } = play([...spoken, transcription('u1', 'completed', { transcript: 'Hi' })]);
  assert.equal(state.items.u1.text, 'Hi');
  assert.equal(state.items.u1.status, 'completed');
});

test('speech shows from when it begins to be heard, and its words as they come', () => {
  const events = [
    heard('u1', 'speech_started'),
    transcription('u1', 'delta', { delta: 'Does he ' }),
    heard('u1', 'speech_stopped'),
    heard('u1', 'committed', { previous_item_id: null }),
    added(speech('u1'), null),
    transcription('u1', 'delta', { delta: 'like snow?' }),
  ];
  const texts = events.map((_, index) => play(events.slice(0, index + 1)).state.items.u1.text);
  const whole = 'Does he like snow?';
  assert.deepEqual(texts, ['', 'Does he ', 'Does he ', 'Does he ', 'Does he ', whole]);
});

test('a transcript that comes behind the answer stands before it', () => {
  const { state } = play([
    added(speech('u1'), null),
    added(message('a1', 'assistant', null, 'in_progress'), 'u1'),
    delta('a1', 'Yes.'),
    done(message('a1', 'assistant', 'Yes.')),
    transcription('u1', 'completed', { transcript: 'Does he?' }),
  ]);
  assert.deepEqual(state.order.map((id) => state.items[id].text), ['Does he?', 'Yes.']);
});

test('upstream is awaited from the end of a turn on, if it answers turns by itself', () => {
  const detections = [[{ type: 'server_vad' }, 'thinking'], [null, 'listening'],
    [{ type: 'server_vad', create_response: false }, 'listening']];
  for (const [detection, expected] of detections) {
    const session = { audio: { input: { turn_detection: detection } } };
    const turn = [
      { type: 'session.created', session },
      heard('u1', 'speech_started'),
      heard('u1', 'speech_stopped'),
      heard('u1', 'committed', { previous_item_id: null }),
    ];
    assert.equal(activity(play(turn.slice(0, 2)).state), 'listening');
    assert.equal(play(turn.slice(0, 2)).state.isUserSpeaking, true);
    assert.equal(activity(play(turn).state), expected);
    assert.equal(play(turn).state.isUserSpeaking, false);
  }
});

test('a turn that is thrown away goes', () => {
  const { state } = play([heard('u1', 'speech_started'), { type: 'input_audio_buffer.cleared' }]);
  assert.deepEqual(state.order, []);
  assert.equal(state.isUserSpeaking, false);
});

test('a transcription that fails says so', () => {
  const failed = transcription('u1', 'failed', { error: { message: 'Not a word.' } });
  const { state } = play([added(speech('u1'), null), failed]);
  assert.equal(state.items.u1.failure, 'Not a word.');
  assert.equal(state.items.u1.status, 'incomplete');
});

test('a truncated answer keeps its text and how much was heard', () => {
  for (const type of ['conversation.item.truncated', 'conversation.item.truncate']) {
    const { state } = play([...textTurn, { type, item_id: 'a1', audio_end_ms: 1200 }]);
    assert.equal(state.items.a1.text, 'Good day');
    assert.equal(state.items.a1.status, 'incomplete');
    assert.equal(state.items.a1.audioEndMs, 1200);
  }
});

test('an answer that was cut before it is done stays cut', () => {
  const cut = { type: 'conversation.item.truncate', item_id: 'a1', audio_end_ms: 300 };
  const { state } = play([...textTurn.slice(0, 9), cut, ...textTurn.slice(9)]);
  assert.equal(state.items.a1.status, 'incomplete');
  assert.equal(state.items.a1.audioEndMs, 300);
});

test('the length of speech is known where it passes through', () => {
  const audio = { type: 'response.output_audio.delta', item_id: 'a1', delta: btoa('x'.repeat(4800)) };
  const { state } = play([...textTurn, audio, audio]);
  assert.equal(state.items.a1.audioMs, 200);
});

test('the first item of the next session stands behind those of the last', () => {
  const before = carryOn(play(textTurn).state);
  const { state } = play([added(message('u2', 'user', 'Again'), null)], before);
  assert.deepEqual(state.order, ['u1', 'a1', 'u2']);
});

test('what upstream adds when nobody speaks is left out', () => {
  const { state } = play([
    { type: 'input_audio_buffer.timeout_triggered', item_id: 'silence' },
    added(message('nudge', 'system', 'The user is silent.'), null),
    done(message('nudge', 'system', 'The user is silent.')),
    added(message('silence', 'user', null), 'nudge'),
    done(message('silence', 'user', null)),
    created('resp_1'),
    done(message('s', 'system', 'Something real')),
  ]);
  assert.deepEqual(state.order, ['s']);
});

test('a deleted item goes', () => {
  const { state } = play([...textTurn, { type: 'conversation.item.deleted', item_id: 'a1' }]);
  assert.deepEqual(state.order, ['u1']);
  assert.equal(state.items.a1, undefined);
});

test('items of a response outside the conversation are left out', () => {
  const { state } = play([created('resp_9'), delta('x', 'aside'), responded('resp_9')]);
  assert.deepEqual(state.order, []);
});

test('a refused message is marked', () => {
  const error = { code: 'string_above_max_length', message: 'Too long.', event_id: 'event_u1' };
  const { state, notices } = play([typed('u1', 'x'), { type: 'error', error }]);
  assert.equal(state.items.u1.isRefused, true);
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
  assert.equal(activity(play([refused], asked).state), 'listening');
  for (const eventID of [null, 'event_other']) {
    const other = { type: 'error', error: { message: 'No.', event_id: eventID } };
    assert.equal(activity(play([other], asked).state), 'thinking');
  }
});

test('a failed response tells why', () => {
  const details = { type: 'failed', error: { message: 'No credit is left.' } };
  const { state, notices } = play([created('resp_1'), responded('resp_1', 'failed', details)]);
  assert.deepEqual(notices, ['No credit is left.']);
  assert.equal(activity(state), 'listening');
});

test('what was being said when the connection ended is kept as far as it came', () => {
  const state = interrupt(play(textTurn.slice(0, 8)).state);
  assert.equal(state.items.a1.text, 'Good ');
  assert.equal(state.items.a1.status, 'incomplete');
  assert.equal(activity(state), 'listening');
});

test('a message that upstream never confirmed is not taken, unless it will be sent again', () => {
  const { state } = play([typed('u1', 'Hello')]);
  assert.equal(interrupt(state).items.u1.isRefused, true);
  assert.equal(interrupt(state, new Set(['u1'])).items.u1.status, 'in_progress');
});

test('races that nobody lost are not told', () => {
  const harmless = [
    { code: 'response_cancel_not_active', message: 'No.' },
    { code: null, event_id: truncation({ itemID: 'a', contentIndex: 0, audioEndMs: 1 }).event_id },
  ];
  for (const error of harmless) assert.deepEqual(play([{ type: 'error', error }]).notices, []);
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
