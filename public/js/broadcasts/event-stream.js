/**
 * Reads server-sent events (WHATWG HTML, 9.2.6) of pieces of text, however they are cut.
 * `onEvent(data)` gets the data of each.
 */
export class EventStreamParser {
  #onEvent;
  #rest = '';
  #data = [];

  constructor(onEvent) {
    this.#onEvent = onEvent;
  }

  add(text) {
    const lines = (this.#rest + text).split('\n');
    this.#rest = lines.pop();
    for (const line of lines) this.#take(line.replace(/\r$/, ''));
  }

  #take(line) {
    if (line === '') return this.#dispatch();
    const [, name, value] = /^([^:]*):? ?(.*)$/s.exec(line);
    if (name === 'data') this.#data.push(value);
  }

  #dispatch() {
    const data = this.#data.join('\n');
    this.#data = [];
    if (data !== '') this.#onEvent(data);
  }
}
