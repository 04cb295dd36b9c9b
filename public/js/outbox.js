// What has to be stored but is not yet: kept in the browser until the broker has it on disk.

const KEY_PREFIX = 'broker.outbox.';
const FIRST_DELAY_MS = 500;
const LONGEST_DELAY_MS = 30_000;
const FULL_AT_ENTRIES = 1_000;

/**
 * Posts messages one at a time, in order, and tries again until each is stored or refused.
 *
 * Each entry has a key of its own in local storage, so that two tabs never overwrite each other;
 * storing twice is harmless, since the broker knows an item by its id. Events, with their details:
 * `added` {entry}, `stored` {entry, message}, `refused` {entry, error}, `delayed` {error, delayMs}.
 */
export class Outbox extends EventTarget {
  #entries = new Map();
  #storage;
  #post;
  #setTimer;
  #random;
  #failures = 0;
  #isPosting = false;
  #timer = null;
  #waiters = [];

  /** `post(conversationID, message)` stores one message; an error says if it `isTemporary`. */
  constructor({ storage, post, setTimer = defaultTimer, random = Math.random }) {
    super();
    this.#storage = storage;
    this.#post = post;
    this.#setTimer = setTimer;
    this.#random = random;
    for (const entry of this.#savedEntries()) this.#entries.set(keyOf(entry), entry);
  }

  get size() {
    return this.#entries.size;
  }

  /** Whether the user should stop typing; what is under way is still taken. */
  get isFull() {
    return this.size >= FULL_AT_ENTRIES;
  }

  /** Takes a message in; a newer one of the same item replaces it. */
  add(conversationID, message) {
    const entry = { conversationID, message, queuedAt: Date.now() };
    this.#entries.set(keyOf(entry), entry);
    this.#save(entry);
    this.#tell('added', { entry });
    this.resume();
  }

  /** Tries now: on load, and when the network is back. */
  resume() {
    clearTimeout(this.#timer);
    this.#timer = null;
    if (!this.#isPosting) this.#run();
  }

  /** Resolves once nothing waits, or the next try has to wait. */
  settled() {
    if (!this.#isPosting) return Promise.resolve();
    return new Promise((resolve) => this.#waiters.push(resolve));
  }

  async #run() {
    this.#isPosting = true;
    while (this.size > 0 && this.#timer === null) {
      const [entry] = this.#entries.values();
      await this.#postOne(entry);
    }
    this.#isPosting = false;
    this.#waiters.splice(0).forEach((resolve) => resolve());
  }

  async #postOne(entry) {
    try {
      const message = await this.#post(entry.conversationID, entry.message);
      this.#failures = 0;
      this.#forget(entry);
      this.#tell('stored', { entry, message });
    } catch (error) {
      if (error.isTemporary) return this.#delay(error);
      this.#forget(entry);
      this.#tell('refused', { entry, error });
    }
  }

  #delay(error) {
    const backoffMs = Math.min(FIRST_DELAY_MS * 2 ** this.#failures, LONGEST_DELAY_MS);
    this.#failures += 1;
    const delayMs = Math.max(error.retryAfterMs ?? 0, backoffMs * (0.5 + this.#random() / 2));
    this.#timer = this.#setTimer(() => this.resume(), delayMs);
    this.#tell('delayed', { error, delayMs });
  }

  /** Drops an entry, unless a newer one of the same item took its place meanwhile. */
  #forget(entry) {
    const name = keyOf(entry);
    if (this.#entries.get(name) !== entry) return;
    this.#entries.delete(name);
    this.#storage.removeItem(name);
  }

  #save(entry) {
    try {
      this.#storage.setItem(keyOf(entry), JSON.stringify(entry));
    } catch (error) {
      // Full or forbidden: it is still posted, but would not survive closing the page.
      this.#tell('delayed', { error, delayMs: 0 });
    }
  }

  #savedEntries() {
    return Array.from({ length: this.#storage.length }, (_, index) => this.#storage.key(index))
      .filter((name) => name.startsWith(KEY_PREFIX))
      .map((name) => parsedEntry(this.#storage.getItem(name)))
      .filter((entry) => entry !== null)
      .sort((one, other) => one.queuedAt - other.queuedAt);
  }

  #tell(type, detail) {
    this.dispatchEvent(new CustomEvent(type, { detail }));
  }
}

const defaultTimer = (work, delayMs) => setTimeout(work, delayMs);

const keyOf = (entry) => `${KEY_PREFIX}${entry.conversationID}.${entry.message.item_id}`;

/** Null for what this page did not write. */
function parsedEntry(text) {
  try {
    const entry = JSON.parse(text);
    return entry.conversationID && entry.message.item_id ? entry : null;
  } catch {
    return null;
  }
}
