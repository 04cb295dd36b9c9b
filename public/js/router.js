// Which page is open, of the address behind `#`. A page's script and styles come when it is opened.

import { addStyles } from './styles.js';

/** What an address such as `#/history/conv_1?message=msg_2` names; null for what is no page's. */
export function parseHash(hash) {
  if (hash === '' || hash === '#' || hash === '#/') return { name: 'talk', params: {} };
  if (!hash.startsWith('#/')) return null;
  const [path, query = ''] = hash.slice(2).split('?', 2);
  const [name, id] = path.split('/').map(decoded);
  const params = Object.fromEntries(new URLSearchParams(query));
  return { name, params: id ? { ...params, id } : params };
}

/** The address of a page, for a link. */
export function pageHash(name, { id, ...query } = {}) {
  const path = [name, id].filter(Boolean).map(encodeURIComponent).join('/');
  const text = new URLSearchParams(query).toString();
  return `#/${path}${text && `?${text}`}`;
}

function decoded(part) {
  try {
    return decodeURIComponent(part);
  } catch {
    return part;
  }
}

/**
 * Opens one page at a time in `root`.
 *
 * `pages` maps a name to `{load, styles}`: `load()` imports its module, which has
 * `open(root, context, params)` that gives back `{close()}`; `styles` names files of `css/`. A page
 * that also gives back `update(params)` stays open while only its parameters change. `onOpen` hears
 * of the name and the heading; `onFailure(root, error, retry)` says why a page could not be loaded.
 */
export class Router {
  #root;
  #context;
  #pages;
  #onOpen;
  #onFailure;
  #open = null;
  #navigation = 0;

  constructor({ root, context, pages, onOpen, onFailure }) {
    this.#root = root;
    this.#context = context;
    this.#pages = pages;
    this.#onOpen = onOpen;
    this.#onFailure = onFailure;
  }

  start() {
    addEventListener('hashchange', () => this.#go());
    return this.#go({ isFirst: true });
  }

  async #go({ isFirst = false } = {}) {
    const target = parseHash(location.hash);
    // An address that nobody serves is most likely an old or mistyped one.
    if (target === null) return isFirst ? location.replace('#/talk') : undefined;
    if (!Object.hasOwn(this.#pages, target.name)) return void location.replace('#/talk');
    if (this.#open?.name === target.name && this.#open.page.update) {
      const focused = document.activeElement;
      this.#open.page.update(target.params);
      // A page that leads to one thing in it has put the focus there.
      const isFocused = document.activeElement !== focused
        && this.#root.contains(document.activeElement);
      return this.#opened(target.name, isFirst || isFocused);
    }
    const navigation = (this.#navigation += 1);
    try {
      const module = await this.#load(this.#pages[target.name]);
      if (navigation === this.#navigation) this.#show(module, target, isFirst);
    } catch (error) {
      if (navigation !== this.#navigation) return;
      this.#leave();
      this.#onFailure(this.#root, error, () => this.#go());
    }
  }

  async #load({ load, styles }) {
    const [module] = await Promise.all([load(), ...styles.map(addStyles)]);
    return module;
  }

  #show(module, { name, params }, isFirst) {
    this.#leave();
    this.#open = { name, page: module.open(this.#root, this.#context, params) };
    this.#opened(name, isFirst);
  }

  #leave() {
    this.#open?.page.close();
    this.#open = null;
    this.#root.replaceChildren();
    this.#root.scrollTop = 0;
  }

  /** Where the page is new, focus goes to its heading, so that it is read and Tab starts there. */
  #opened(name, keepsFocus) {
    const heading = this.#root.querySelector('h1');
    if (heading) heading.tabIndex = -1;
    if (!keepsFocus) heading?.focus({ preventScroll: true });
    this.#onOpen(name, heading?.textContent ?? '');
  }
}
