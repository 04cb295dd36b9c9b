import { counted } from '../counted.js';
import { byID, setText } from '../dom.js';
import { showBriefly } from '../toast.js';

/** What the session was told, by its id: it outlives the page, as the session does. */
let told = { id: null, context: null };

/** Says that the session knows of earlier ones, and opens what it was told of them. */
export class MemoryChip {
  #live;
  #api;

  constructor(live, api) {
    this.#live = live;
    this.#api = api;
    byID('remembered').addEventListener('click', () => this.#open());
  }

  render() {
    const { session } = this.#live;
    const context = session?.context;
    const isKnown = Boolean(context && context.messages + context.summaries > 0);
    byID('remembered').hidden = !isKnown;
    if (!isKnown) return;
    setText(byID('remembered'), `Remembers ${counted(context.messages, 'message')}`);
    // Asked for now: later, it would tell of this very session, too.
    if (told.id !== session.id) told = { id: session.id, context: this.#ask(session) };
  }

  /** Resolves with null where it cannot be had. */
  #ask({ context }) {
    return this.#api.getContext({ max_tokens: context.max_tokens }).catch(() => null);
  }

  async #open() {
    const { session } = this.#live;
    try {
      const { openMemory } = await import('./memory-dialog.js');
      await openMemory(session.context, await told.context);
    } catch {
      showBriefly('What it remembers could not be loaded: the broker cannot be reached.');
    }
  }
}
