// Broadcasts: all of them, a new one, and one to speak in or to read.

import { BroadcastForm } from '../views/broadcasts/form.js';
import { BroadcastList } from '../views/broadcasts/list.js';
import { BroadcastView } from '../views/broadcasts/one.js';
import { make } from '../views/dom.js';

export function open(root, context, { id }) {
  const closing = new AbortController();
  const { signal } = closing;
  const page = make('div', { className: 'page broadcasts-page' });
  root.append(page);
  if (id === 'new') page.append(new BroadcastForm().element);
  else if (id) page.append(new BroadcastView(context, id, signal).element);
  else page.append(new BroadcastList(signal).element);
  return { close: () => closing.abort() };
}
