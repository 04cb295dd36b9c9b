import { deleteBroadcast, getBroadcast } from '../../broadcasts/api.js';
import { deletions } from '../../deletions.js';
import { pageHash } from '../../router.js';
import { addStyles } from '../../styles.js';
import { make, setText } from '../dom.js';
import { actionLink, emptyState, problemBox, skeleton } from '../parts.js';
import { stateMark } from './list.js';
import { factsOf, statuses, titleOf } from './words.js';

/** One broadcast: to speak in, or all that was said in it once it has ended. */
export class BroadcastView {
  element = make('div', { className: 'broadcast-one' });
  #context;
  #id;
  #signal;
  #heading = make('h1', { dir: 'auto', textContent: 'Broadcast' });
  #mark = make('div', { className: 'broadcast-mark' });
  #facts = make('p', { className: 'muted one-facts', textContent: ' ' });
  #body = make('div', {}, skeleton(6));
  /** Of what is shown now: the broadcast ends while it is spoken in. */
  #showing = new AbortController();

  constructor(context, id, signal) {
    this.#context = context;
    this.#id = id;
    this.#signal = signal;
    const back = make('a', { className: 'back', href: '#/broadcasts', textContent: '← Broadcasts' });
    const title = make('div', { className: 'broadcast-title' }, this.#heading, this.#mark);
    const head = make('header', { className: 'page-head' }, back, title, this.#facts);
    this.element.append(head, this.#body);
    signal.addEventListener('abort', () => this.#showing.abort());
    deletions.addEventListener('change', () => this.#leaveDeleted(), { signal });
    this.#load();
  }

  async #load() {
    this.#showing.abort();
    this.#showing = new AbortController();
    const { signal } = this.#showing;
    try {
      const broadcast = await getBroadcast(this.#id, { signal });
      this.#name(broadcast);
      if (broadcast.status === 'ended') await this.#showArchive(broadcast, signal);
      else await this.#showStudio(broadcast, signal);
    } catch (error) {
      if (signal.aborted) return;
      const retry = () => this.#load();
      this.#body.replaceChildren(error.status === 404 ? gone() : problemBox(error, retry));
    }
  }

  #name(broadcast) {
    setText(this.#heading, titleOf(broadcast));
    this.#context.retitle(titleOf(broadcast));
    setText(this.#facts, factsOf(broadcast));
    this.#mark.replaceChildren(stateMark(statuses[broadcast.status]));
  }

  async #showStudio(broadcast, signal) {
    const { Studio } = await import('./studio.js');
    if (signal.aborted) return;
    const studio = new Studio(this.#context, broadcast, {
      signal,
      onState: (state) => this.#mark.replaceChildren(stateMark(state)),
      onEnd: () => this.#load(),
    });
    this.#body.replaceChildren(studio.element);
  }

  async #showArchive(broadcast, signal) {
    const [{ Archive }] = await Promise.all([import('./archive.js'), addStyles('archive')]);
    if (signal.aborted) return;
    const scroller = document.getElementById('page');
    const archive = new Archive(broadcast, { scroller, signal });
    setText(this.#facts, `${archive.facts} · ${factsOf(broadcast)}`);
    const said = pageHash('history', { id: broadcast.conversation_id });
    const remove = make('button', { type: 'button', className: 'danger', textContent: 'Delete' });
    remove.addEventListener('click', () => this.#delete(broadcast));
    archive.actions.append(actionLink('Open in History', said), remove);
    this.#body.replaceChildren(make('div', { className: 'card broadcast-said' }, archive.element));
  }

  #delete(broadcast) {
    deletions.add(this.#id, `“${titleOf(broadcast)}”`, deleteBroadcast);
  }

  #leaveDeleted() {
    if (deletions.has(this.#id)) location.hash = pageHash('broadcasts');
  }
}

const gone = () =>
  emptyState(
    'There is no such broadcast',
    'It was deleted, or the address is wrong.',
    actionLink('All broadcasts', '#/broadcasts'),
  );
