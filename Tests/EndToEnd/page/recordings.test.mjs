// Real sessions that others recorded, where they are at hand, must come out as expected.

import assert from 'node:assert/strict';
import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { test } from 'node:test';
import { fileURLToPath } from 'node:url';
import { emptyConversation, update } from '../../../public/js/realtime/conversation.js';

const folder = fileURLToPath(new URL('../../../../shared/recordings/', import.meta.url));

const names = existsSync(folder)
  ? readdirSync(folder)
      .filter((name) => /^openai\..*\.expected\.json$/.test(name))
      .map((name) => name.replace('.expected.json', ''))
  : [];
if (names.length === 0) console.log('No recordings at ../shared/recordings: nothing to replay.');

for (const name of names) {
  test(`${name} comes out as expected`, () => {
    const [header, ...frames] = readLines(`${folder}${name}.jsonl`);
    const expected = JSON.parse(readFileSync(`${folder}${name}.expected.json`)).sessions;
    const conversations = connections(frames).map((events) =>
      events.reduce((state, event) => update(state, event).state, emptyConversation),
    );
    const actual = conversations.filter(({ order }) => order.length > 0).map(transcript);
    const wanted = expected.filter((items) => items.length > 0).map(essence);
    assert.deepEqual(actual, wanted, header.notes);
  });
}

const readLines = (path) => {
  const lines = readFileSync(path, 'utf8').trim().split('\n');
  return lines.map((line) => JSON.parse(line));
};

/** The server's events, one list for each connection. */
function connections(frames) {
  const lists = [[]];
  for (const frame of frames) {
    if (frame.close) lists.push([]);
    else if (frame.dir === 'server') lists.at(-1).push(frame.event);
  }
  return lists;
}

const transcript = ({ order, items }) =>
  order.map((id) => {
    const { type, text } = items[id];
    return { id, type, content: text };
  });

const essence = (items) =>
  items.map(({ item_id: id, type, content, arguments: call, output }) => ({
    id,
    type,
    content: { function_call: call, function_call_output: output }[type] ?? content,
  }));
