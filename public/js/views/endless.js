import { make } from './dom.js';
import { problemBox, skeleton } from './parts.js';

const AHEAD = '800px';

/**
 * The end of a list that goes on: while it is near the part that is seen, page after page is
 * loaded. `load()` resolves to whether there is more; when it fails, it is said why, with a way to
 * try again.
 */
export class Endless {
  element = make('div', { className: 'endless' });
  #load;
  #observer;
  #isNear = false;
  #isBusy = false;
  #isDone = false;

  /** `root` is what scrolls; `rows` is how many rows of room a page takes while it is loaded. */
  constructor(load, { root, signal, rows = 3 }) {
    this.#load = load;
    this.element.append(skeleton(rows));
    this.#observer = new IntersectionObserver(
      (entries) => {
        this.#isNear = entries.at(-1).isIntersecting;
        this.#run();
      },
      { root, rootMargin: AHEAD },
    );
    this.#observer.observe(this.element);
    signal.addEventListener('abort', () => this.stop());
  }

  stop() {
    this.#isDone = true;
    this.#observer.disconnect();
    this.element.hidden = true;
  }

  async #run() {
    if (this.#isBusy || this.#isDone || !this.#isNear) return;
    this.#isBusy = true;
    try {
      if (!(await this.#load())) return this.stop();
    } catch (error) {
      if (!this.#isDone) this.#fail(error);
      return;
    } finally {
      this.#isBusy = false;
    }
    // The observer tells of changes alone; watching anew makes it tell whether more is needed.
    this.#observer.unobserve(this.element);
    this.#observer.observe(this.element);
  }

  #fail(error) {
    this.#isNear = false;
    const room = [...this.element.children];
    const retry = () => {
      this.element.replaceChildren(...room);
      this.#isNear = true;
      this.#run();
    };
    this.element.replaceChildren(problemBox(error, retry));
  }
}
