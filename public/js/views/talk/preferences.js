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

  /**
   * As `RealtimeSession.start` takes them: what is empty is left out. An agent, of these or of what is
   * `wanted`, has its own voice and words.
   */
  startOptions(wanted) {
    const { agent_id: agent } = { ...this.values, ...wanted };
    const { voice, instructions, greeting, ...others } = this.values;
    const all = agent ? others : this.values;
    return Object.fromEntries(Object.entries(all).filter(([, value]) => value !== ''));
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
