// What is remembered: facts and where they come from, summaries, and what the next session is told.

import { make } from '../views/dom.js';
import { ContextPanel } from '../views/memory/context-panel.js';
import { FactsPanel } from '../views/memory/facts-panel.js';
import { SummariesPanel } from '../views/memory/summaries-panel.js';

const INTRODUCTION =
  'Each new session is told what earlier ones left, so that you need not say it again. ' +
  'Here is all of it, and you can make it forget.';

export function open(root, context, params) {
  const closing = new AbortController();
  const told = new ContextPanel(context, closing.signal);
  const facts = new FactsPanel(context, closing.signal, {
    wanted: params.fact,
    onForgotten: () => told.load(),
  });
  const summaries = new SummariesPanel(context, closing.signal);
  const head = make(
    'header',
    { className: 'page-head' },
    make('h1', { textContent: 'Memory' }),
    make('p', { className: 'muted', textContent: INTRODUCTION }),
  );
  const columns = make(
    'div',
    { className: 'columns' },
    make('div', { className: 'column' }, facts.element, summaries.element),
    make('div', { className: 'column' }, told.element),
  );
  root.append(make('div', { className: 'page memory-page' }, head, columns));
  return { close: () => closing.abort() };
}
