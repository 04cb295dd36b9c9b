import { openStorage } from '../../storage.js';

const KEY = 'broker.talk';

/** How this user likes to talk, kept in the browser. */
export class Preferences {
  #storage = openStorage();
  #values = {};

  constructor() {
    try {
      this.#values = JSON.parse(this.#storage.getItem(KEY)) ?? {};
    } catch {
      // What cannot be read is worth no more than the defaults.
    }
  }

  get values() {
    return { turnDetection: 'server_vad', transport: 'auto', ...this.#values };
  }

  /** As `RealtimeSession.start` takes them: what is empty is left out. */
  get startOptions() {
    const given = Object.entries(this.values).filter(([, value]) => value !== '');
    return Object.fromEntries(given);
  }

  set(name, value) {
    this.#values = { ...this.#values, [name]: value };
    try {
      this.#storage.setItem(KEY, JSON.stringify(this.#values));
    } catch {
      // Full or forbidden: it holds as long as the page.
    }
  }
}
