const MOST_EVENTS = 2_000;
const LONG_CHARACTERS = 400;

/**
 * The last events of the session, both ways, whether or not anybody looks at them.
 *
 * Tells `change`. An entry is `{number, isSent, event, at, text}`: numbers count from 1 and never
 * repeat, `text` is what can be searched. Audio is kept as its size: it is most of what comes, and
 * nobody reads it.
 */
export class EventRecord extends EventTarget {
  entries = [];
  /** How many there were since the record was cleared, with those that were dropped. */
  total = 0;
  #lastNumber = 0;

  constructor(live) {
    super();
    live.addEventListener('event', ({ detail }) => this.#add(detail));
  }

  clear() {
    this.entries = [];
    this.total = 0;
    this.#changed();
  }

  #add({ isSent, event, at = Date.now() }) {
    const text = JSON.stringify(event, withoutAudio);
    const entry = { isSent, event: JSON.parse(text), at, text: text.toLowerCase() };
    this.total += 1;
    this.#lastNumber += 1;
    this.entries.push({ number: this.#lastNumber, ...entry });
    if (this.entries.length > MOST_EVENTS) this.entries.shift();
    this.#changed();
  }

  #changed() {
    this.dispatchEvent(new CustomEvent('change'));
  }
}

const isBase64 = (text) => text.length > LONG_CHARACTERS && /^[\w+/]+=*$/.test(text);

const withoutAudio = (key, value) =>
  typeof value === 'string' && isBase64(value) ? `(${value.length} characters of base64)` : value;
