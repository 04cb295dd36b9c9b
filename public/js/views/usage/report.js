import { pageHash } from '../../router.js';
import { counted } from '../counted.js';
import { make } from '../dom.js';
import { nameOf } from '../history/conversation-list.js';
import { costText, inputTokens, outputTokens, uses } from '../numbers.js';
import { actionLink, emptyState } from '../parts.js';
import { Plot } from './plot.js';

const DAY_SECONDS = 86_400;

/** Shows the sums of a span of time, day by day, by conversation and by model. */
export function renderUsage(root, { from, days, byDay, byConversation, byModel }) {
  const { total } = byDay;
  if (uses(total) === 0) return root.replaceChildren(nothing());
  const nameCell = (group) =>
    make('a', {
      href: pageHash('history', { id: group.conversation_id }),
      dir: 'auto',
      textContent: nameOf(group),
    });
  const more = byConversation.has_more ? 'The latest of them; the sums above have all.' : '';
  root.replaceChildren(
    tiles(total),
    new Plot(everyDay(from, days, byDay.data)).element,
    table('By conversation', 'Conversation', byConversation.data, nameCell, more),
    table('By model', 'Model', byModel.data, ({ model }) => model ?? 'not known'),
  );
}

/** The days of the span in order, also those without usage. */
function everyDay(from, days, groups) {
  const known = new Map(groups.map((group) => [group.day, group]));
  return Array.from({ length: days }, (_, index) => {
    const day = new Date((from + index * DAY_SECONDS) * 1000).toISOString().slice(0, 10);
    const group = known.get(day);
    return {
      day,
      input: group ? inputTokens(group) : 0,
      output: group ? outputTokens(group) : 0,
      cost: Number(group?.cost_usd ?? 0),
      costText: (group && costText(group)) || '$0',
    };
  });
}

function tiles(total) {
  const { text, audio, image } = total.tokens.cached;
  const { unpriced, responses } = total;
  const cached = (text + audio + image).toLocaleString();
  return make(
    'dl',
    { className: 'tiles' },
    tile('Cost', costText(total), unpriced > 0 ? `${unpriced} without a known price` : ''),
    tile('Tokens in', inputTokens(total).toLocaleString(), `${cached} cached`),
    tile('Tokens out', outputTokens(total).toLocaleString()),
    tile(
      'Responses',
      responses.toLocaleString(),
      othersText(total),
    ),
  );
}

/** What is no response; some of it is paid by time instead of tokens. */
const othersText = ({ transcriptions, translations, seconds }) =>
  [
    transcriptions > 0 && counted(transcriptions, 'transcript'),
    translations > 0 && counted(translations, 'translation'),
    seconds > 0 && secondsText(seconds),
  ].filter(Boolean).join(', ');

const secondsText = (seconds) => `${Math.round(seconds).toLocaleString()} s of audio`;

const inputText = (group) =>
  inputTokens(group) === 0 && group.seconds > 0 ? secondsText(group.seconds)
    : inputTokens(group).toLocaleString();

function tile(name, value, note = '') {
  const shown = make('dd', {}, make('strong', { textContent: value }));
  if (note !== '') shown.append(make('span', { textContent: note }));
  return make('div', { className: 'card tile' }, make('dt', { textContent: name }), shown);
}

/** A table of sums; `nameCell(group)` is what stands in its first column. */
function table(title, column, groups, nameCell, note = '') {
  const heads = [column, 'Responses', 'Tokens in', 'Tokens out', 'Cost'].map((textContent) =>
    make('th', { scope: 'col', textContent }),
  );
  const rows = groups.map((group) => {
    const name = make('th', { scope: 'row' }, nameCell(group));
    const values = [
      group.responses.toLocaleString(),
      inputText(group),
      outputTokens(group).toLocaleString(),
      costText(group),
    ];
    return make('tr', {}, name, ...values.map((textContent) => make('td', { textContent })));
  });
  const element = make(
    'table',
    {},
    make('caption', { className: 'unseen', textContent: title }),
    make('thead', {}, make('tr', {}, ...heads)),
    make('tbody', {}, ...rows),
  );
  const wrap = make('div', { className: 'table-wrap', tabIndex: 0 }, element);
  wrap.setAttribute('role', 'region');
  wrap.setAttribute('aria-label', title);
  return make(
    'section',
    { className: 'card' },
    make('header', { className: 'bar' }, make('h2', { textContent: title })),
    wrap,
    note ? make('p', { className: 'muted table-note', textContent: note }) : null,
  );
}

const nothing = () =>
  emptyState(
    'Nothing was used in this time',
    'Each answer and each transcript is counted here, with its tokens and its cost.',
    actionLink('Talk', '#/talk', 'primary'),
  );
