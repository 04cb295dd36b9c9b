// What was said: a list of conversations, search over all of them, and one of them in full.

import { make } from '../views/dom.js';
import { ConversationList } from '../views/history/conversation-list.js';
import { ConversationView } from '../views/history/conversation-view.js';
import { SearchView } from '../views/history/search-view.js';
import { emptyState } from '../views/parts.js';

export function open(root, context, params) {
  const closing = new AbortController();
  const { signal } = closing;
  const head = make('header', { className: 'pane-head' });
  const scroller = make('div', { className: 'pane-scroll' });
  const list = new ConversationList(scroller, context, signal);
  const search = new SearchView(scroller, context, signal, {
    onActive: (isActive) => (list.element.hidden = isActive),
  });
  const heading = make('div');
  head.append(heading, search.form);
  scroller.append(search.results, list.element);
  const side = make('section', { className: 'pane history-list' }, head, scroller);
  side.setAttribute('aria-label', 'Conversations');
  const main = make('section', { className: 'pane history-one' });
  main.setAttribute('aria-label', 'Conversation');
  const page = make('div', { className: 'history-page' }, side, main);
  root.append(page);

  let view = null;
  let shownID;
  const show = ({ id, message }) => {
    // With a conversation open, its title is what the page is about.
    heading.replaceChildren(make(id ? 'h2' : 'h1', { textContent: 'History' }));
    page.dataset.shows = id ? 'one' : 'list';
    list.select(id);
    if (id && id === shownID) return view.goTo(message);
    shownID = id;
    view?.close();
    view = id ? new ConversationView(main, context, id, message) : null;
    if (!id) main.replaceChildren(choose());
  };
  show(params);
  return {
    update: show,
    close() {
      closing.abort();
      view?.close();
    },
  };
}

const choose = () =>
  emptyState('Nothing is open', 'Choose a conversation, or search for something you said.');
