// One live conversation as a pure table: event type -> update. Client events that change it are in
// the table too. Items are known by their id alone: events of several items may be interleaved.

/** The conversation of a session that has just been opened. */
export const emptyConversation = Object.freeze({
  upstream: null,
  order: [],
  items: {},
  activeResponse: null,
  isAnswering: false,
  silence: null,
});

/**
 * Takes in one event, sent or received, and changes nothing in place.
 *
 * @returns {{state: object, finished: string[], notice: string|null}} the conversation after it;
 * the items whose text is now worth storing; and a sentence for the user, if there is one.
 */
export function update(state, event) {
  return { state, finished: [], notice: null, ...table[event.type]?.(state, event) };
}

/** What the session is doing: `ready`, `thinking` or `answering`. */
export function activity(state) {
  if (state.activeResponse === null) return 'ready';
  return state.isAnswering ? 'answering' : 'thinking';
}

/** Closes what was still being said when the connection ended: it is kept as far as it came. */
export function interrupt(state) {
  const items = state.order.map((id) => state.items[id]);
  const open = items.filter((item) => item.status === 'in_progress');
  const said = open.filter((item) => item.text !== '' && item.role === 'assistant');
  const closed = open.map((item) => {
    const isRefused = item.role === 'user' && item.previousItemID === undefined;
    return [item.id, { ...item, status: 'incomplete', ...(isRefused && { isRefused }) }];
  });
  const rest = { activeResponse: null, isAnswering: false };
  return {
    state: { ...state, ...rest, items: { ...state.items, ...Object.fromEntries(closed) } },
    finished: said.map((item) => item.id),
    notice: null,
  };
}

/** An item as the broker stores it. */
export function storedMessage(item, sessionID) {
  return {
    item_id: item.id,
    ...(item.previousItemID !== undefined && { previous_item_id: item.previousItemID }),
    session_id: sessionID,
    type: item.type,
    role: item.role,
    content: item.text,
    status: item.status,
    metadata: item.metadata,
  };
}

const table = {
  'session.created': (state, event) => ({ state: { ...state, upstream: event.session } }),
  'session.updated': (state, event) => ({ state: { ...state, upstream: event.session } }),

  // Sent by this page.
  'conversation.item.create': (state, { item, event_id: eventID }) => ({
    state: place(state, { ...makeItem(item), status: 'in_progress', eventID }),
  }),
  'response.create': (state, event) => ({
    state: { ...state, activeResponse: event.event_id, isAnswering: false },
  }),

  // The order is told by `added` alone; `done` may name no predecessor though there is one.
  'conversation.item.added': (state, event) => {
    if (!isStorable(state, event.item)) return {};
    const item = { ...makeItem(event.item), previousItemID: event.previous_item_id ?? null };
    return { state: place(state, { ...item, text: item.text || textOf(state, item.id) }) };
  },
  'conversation.item.done': (state, event) => {
    if (!isStorable(state, event.item)) return {};
    const known = state.items[event.item.id];
    const item = makeItem(event.item);
    const isUnheard = item.role === 'user' && item.text === '' && !known?.text;
    return finish(state, {
      ...known,
      ...item,
      text: item.text || known?.text || '',
      status: isUnheard ? 'in_progress' : item.status,
      metadata: { ...known?.metadata, ...item.metadata },
    });
  },
  'conversation.item.deleted': (state, event) => {
    const { [event.item_id]: deleted, ...items } = state.items;
    return { state: { ...state, items, order: state.order.filter((id) => id !== event.item_id) } };
  },
  'conversation.item.truncated': (state, event) =>
    change(state, event.item_id, finish, (item) => ({
      status: 'incomplete',
      metadata: { ...item.metadata, audio_end_ms: event.audio_end_ms },
    })),

  // Nobody spoke for a while: a system message and an empty user item of upstream's own follow.
  'input_audio_buffer.timeout_triggered': (state, event) => ({
    state: { ...state, silence: event.item_id },
  }),
  'response.created': (state, event) => ({
    state: { ...state, activeResponse: event.response.id, isAnswering: false, silence: null },
  }),

  'conversation.item.input_audio_transcription.delta': append,
  'conversation.item.input_audio_transcription.completed': (state, event) =>
    change(state, event.item_id, finish, () => ({ text: event.transcript, status: 'completed' })),
  'conversation.item.input_audio_transcription.failed': (state, event) =>
    change(state, event.item_id, finish, (item) => ({
      status: 'incomplete',
      metadata: { ...item.metadata, transcription: event.error?.code ?? 'failed' },
    })),

  'response.output_text.delta': append,
  'response.output_audio_transcript.delta': append,
  'response.function_call_arguments.delta': append,
  'response.done': (state, event) => {
    const { status, status_details: details } = event.response;
    const notice = status === 'failed' ? (details?.error?.message ?? 'The response failed.') : null;
    return { state: { ...state, activeResponse: null, isAnswering: false }, notice };
  },

  error: (state, { error }) => {
    const cause = error.event_id ?? null;
    const isResponseRefused = cause !== null && state.activeResponse === cause;
    const next = isResponseRefused ? { ...state, activeResponse: null } : state;
    const refused = cause && Object.values(state.items).find((item) => item.eventID === cause);
    return {
      state: refused ? keep(next, { ...refused, status: 'incomplete', isRefused: true }) : next,
      notice: error.message,
    };
  },
};

/** What nobody said is left out: MCP items, and what upstream adds when nobody speaks. */
function isStorable(state, item) {
  const isOfSilence = item.id === state.silence || item.role === 'system';
  if (state.silence !== null && isOfSilence) return false;
  return ['message', 'function_call', 'function_call_output'].includes(item.type);
}

function makeItem(item) {
  const makers = {
    message: () => ({ role: item.role, text: partsText(item.content), metadata: phase(item) }),
    function_call: () => ({
      role: 'assistant',
      text: item.arguments ?? '',
      metadata: { name: item.name, call_id: item.call_id },
    }),
    function_call_output: () => ({
      role: 'tool',
      text: item.output ?? '',
      metadata: { call_id: item.call_id },
    }),
  };
  const { id, type, status } = item;
  return { id, type, status: status ?? 'completed', ...makers[type]() };
}

const phase = (item) => (item.phase ? { phase: item.phase } : {});

const partsText = (parts = []) =>
  parts.map((part) => part.text ?? part.transcript ?? '').filter(Boolean).join('\n');

const textOf = (state, id) => state.items[id]?.text ?? '';

const keep = (state, item) => ({ ...state, items: { ...state.items, [item.id]: item } });

/** Keeps an item, behind its predecessor if that is known; a new one goes to the end. */
function place(state, item) {
  const others = state.order.filter((id) => id !== item.id);
  const isMoved = item.previousItemID !== undefined || others.length === state.order.length;
  if (!isMoved) return keep(state, item);
  const index = placeAmong(others, state, item);
  const order = [...others.slice(0, index), item.id, ...others.slice(index)];
  return keep({ ...state, order }, item);
}

function placeAmong(others, state, { previousItemID: previous }) {
  if (previous !== null && !others.includes(previous)) return others.length;
  const behind = others.indexOf(previous) + 1;
  // Upstream never heard of a refused item; what was said after it still stands after it.
  const offset = others.slice(behind).findIndex((id) => !state.items[id].isRefused);
  return offset < 0 ? others.length : behind + offset;
}

function finish(state, item) {
  const isKnown = item.id in state.items;
  return { state: isKnown ? keep(state, item) : place(state, item), finished: [item.id] };
}

/** Changes a known item; events of unknown ones belong to a response outside the conversation. */
function change(state, id, how, fields) {
  const item = state.items[id];
  return item ? how(state, { ...item, ...fields(item) }) : {};
}

function append(state, event) {
  const isAnswering = state.isAnswering || event.type.startsWith('response.');
  const how = (before, item) => ({ state: keep({ ...before, isAnswering }, item) });
  return change(state, event.item_id, how, (item) => ({ text: item.text + event.delta }));
}
