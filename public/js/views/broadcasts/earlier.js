import { ask } from '../../broadcasts/ask.js';
import { make, setText } from '../dom.js';

const PER_PAGE = 50;
const AHEAD = '400px';

/**
 * Stands above captions, and brings those that were said before them when it comes near.
 *
 * `list()` is what is shown; `show()` shows what came. What is in sight stays where it is.
 */
export class Earlier {
  element = make('button', { type: 'button', className: 'quiet earlier' });
  #scroller;
  #options;
  #isLoading = false;

  constructor(scroller, options) {
    this.#scroller = scroller;
    this.#options = options;
    this.element.addEventListener('click', () => this.#load());
    const seeing = new IntersectionObserver(
      (entries) => entries.at(-1).isIntersecting && this.#load(),
      { root: scroller, rootMargin: AHEAD },
    );
    seeing.observe(this.element);
    options.signal.addEventListener('abort', () => seeing.disconnect());
    this.render();
  }

  render() {
    this.element.hidden = this.#options.list().first <= 1;
    setText(this.element, 'Earlier captions');
  }

  async #load() {
    const { list, show } = this.#options;
    const shown = list();
    if (this.#isLoading || shown.first <= 1) return;
    this.#isLoading = true;
    try {
      const segments = await this.#before(shown.first);
      if (shown !== list()) return;
      const belowPx = this.#scroller.scrollHeight - this.#scroller.scrollTop;
      shown.addOlder(segments);
      show();
      this.#scroller.scrollTop = this.#scroller.scrollHeight - belowPx;
    } catch (error) {
      setText(this.element, `${error.message}. Try again`);
    } finally {
      this.#isLoading = false;
    }
  }

  async #before(sequence) {
    const { id, language, token, signal } = this.#options;
    const after = Math.max(0, sequence - 1 - PER_PAGE);
    const page = { language: language(), after, limit: PER_PAGE };
    const { data } = await ask(id, '/segments', page, { token, signal });
    return data.filter((segment) => segment.sequence < sequence);
  }
}
