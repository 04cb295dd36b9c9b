import { pageHash } from '../../router.js';
import { make } from '../dom.js';
import { storedText } from '../stored-text.js';
import { clockText, dayAndClockText } from '../times.js';

const LONG_CHARACTERS = 3_000;
const SHOWN_OF_LONG = 1_200;
const speakers = { user: 'You', assistant: 'Assistant', system: 'System', tool: 'Tool' };

/** One message of a stored conversation; `calls` maps the id of a tool call to the tool's name. */
export function messageRow(message, calls) {
  const { id, role, type, status } = message;
  const body = type === 'message' ? saidBody(message) : toolBody(message, calls);
  const row = make(
    'li',
    { id, className: 'entry', tabIndex: -1, data: { role, status } },
    metaLine(message),
    body,
    make('div', { className: 'remembered' }),
  );
  return row;
}

/** Says which facts a message is the source of. */
export function showFacts(row, facts) {
  const links = facts.map(({ id, text }) =>
    make('a', { className: 'tag', href: pageHash('memory', { fact: id }), textContent: text }),
  );
  const words = make('span', { textContent: 'Remembered:' });
  row.lastElementChild.replaceChildren(...(links.length > 0 ? [words, ...links] : []));
}

function metaLine(message) {
  const { id, role, conversation_id: conversation, created_at: time } = message;
  const shown = make('time', { textContent: clockText(time) });
  shown.dateTime = new Date(time * 1000).toISOString();
  shown.title = dayAndClockText(time);
  const link = make('a', { className: 'permalink', textContent: '#' });
  link.href = pageHash('history', { id: conversation, message: id });
  link.setAttribute('aria-label', 'Link to this message');
  const marks = marksOf(message).map((textContent) =>
    make('span', { className: 'tag', textContent }),
  );
  const speaker = make('strong', { textContent: speakers[role] ?? role });
  return make('p', { className: 'entry-meta' }, speaker, shown, ...marks, link);
}

/** What is to be known of a message besides its words. */
function marksOf({ role, status, metadata }) {
  const seconds = (milliseconds) => `${(milliseconds / 1000).toFixed(1)} s`;
  const heard = metadata.audio_heard_ms ?? metadata.audio_end_ms;
  const isCut = status === 'incomplete' && role === 'assistant';
  return [
    isSpoken(metadata) && 'spoken',
    isCut && (heard ? `interrupted after ${seconds(heard)}` : 'interrupted'),
    status === 'in_progress' && 'not finished',
    metadata.transcription && 'could not be transcribed',
  ].filter(Boolean);
}

/** The broker marks what it heard itself; what was posted may say so in its parts. */
function isSpoken({ spoken, parts, audio_end_ms: end }) {
  const hasAudio = Array.isArray(parts) && parts.some(({ type }) => /audio/.test(type ?? ''));
  return spoken === true || hasAudio || end !== undefined;
}

function saidBody(message) {
  const { heard, unheard } = storedText(message);
  const text = make('p', { className: 'entry-text', dir: 'auto' });
  if (message.content === '') {
    text.append(make('em', { className: 'muted', textContent: 'No words' }));
  } else if (unheard !== '') {
    const rest = make('s', { textContent: unheard, title: 'Not heard' });
    text.append(heard, ' ', rest);
  } else {
    fillText(text, heard);
  }
  return text;
}

/** A very long text shows its beginning, so that it does not bury its neighbours. */
function fillText(element, text) {
  if (text.length <= LONG_CHARACTERS) return element.append(text);
  const all = make('button', { type: 'button', className: 'quiet' });
  all.textContent = `Show all ${text.length.toLocaleString()} characters`;
  all.addEventListener('click', () => element.replaceChildren(text));
  element.append(`${text.slice(0, SHOWN_OF_LONG)}… `, all);
}

function toolBody({ type, content, metadata }, calls) {
  const name = metadata.name ?? calls.get(metadata.call_id) ?? 'a tool';
  const title = type === 'function_call' ? `Called ${name}` : `Answer of ${name}`;
  const details = make(
    'details',
    { className: 'fold tool' },
    make('summary', { textContent: title }),
  );
  const open = () => details.append(make('pre', { tabIndex: 0, textContent: indented(content) }));
  details.addEventListener('toggle', open, { once: true });
  return details;
}

function indented(text) {
  try {
    return JSON.stringify(JSON.parse(text), null, 2);
  } catch {
    return text;
  }
}
