import { pageHash } from '../../router.js';
import { counted } from '../counted.js';
import { make } from '../dom.js';
import { dayAndClockText } from '../times.js';

const sources = { embedded: 'by rules', model: 'by a language model' };

/** The summaries of a conversation, folded; nothing if there are none. */
export function renderSummaries(summaries, conversationID) {
  const written = writtenSummaries(summaries);
  if (written.length === 0) return [];
  const title = make('summary', {}, counted(written.length, 'summary', 'summaries'));
  const rows = written.map((summary) => summaryRow(summary, conversationID));
  return [make('details', { className: 'fold panel' }, title, make('ol', {}, ...rows))];
}

/** Those that have a text, in the order of what they sum up. */
export const writtenSummaries = (summaries) =>
  summaries
    .filter(({ text }) => text !== '')
    .sort((one, other) => one.said_at - other.said_at);

/** One summary, with the range of messages that it stands for. */
export function summaryRow(summary, conversation) {
  const { text, said_at: time, message_count: count, source, first_message_id: first } = summary;
  const { last_message_id: last, tokens } = summary;
  const link = (id, textContent) =>
    make('a', { href: pageHash('history', { id: conversation, message: id }), textContent });
  return make(
    'li',
    { className: 'summary' },
    make('p', { dir: 'auto', textContent: text }),
    make(
      'p',
      { className: 'facts-line' },
      `${counted(count, 'message')} from ${dayAndClockText(time)} · `,
      `${counted(tokens, 'token')} · ${sources[source] ?? source}`,
      ...(first ? [' · ', link(first, 'first message')] : []),
      ...(last && last !== first ? [' · ', link(last, 'last message')] : []),
    ),
  );
}
