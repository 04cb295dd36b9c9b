// Agents: defaults for sessions, under a name.

import { AgentEditor } from '../views/agents/editor.js';
import { AgentList } from '../views/agents/list.js';
import { make } from '../views/dom.js';

export function open(root, context, params) {
  const closing = new AbortController();
  const page = make('div', { className: 'page agents-page' });
  root.append(page);
  const view = params.id
    ? new AgentEditor(context, params.id, closing.signal)
    : new AgentList(context, closing.signal);
  page.append(view.element);
  return { close: () => closing.abort() };
}
