// Where things stand in a JSON text (RFC 8259): engines say so in different words, or not at all.

const STRING = /"(?:[^"\\\u0000-\u001f]|\\(?:["\\/bfnrt]|u[\da-fA-F]{4}))*"/;
const NUMBER = /-?(?:0|[1-9]\d*)(?:\.\d+)?(?:[eE][+-]?\d+)?/;
const WORD_OR_MARK = /true|false|null|[{}[\],:]/;
const TOKEN = new RegExp([STRING, NUMBER, WORD_OR_MARK].map(({ source }) => source).join('|'), 'y');
const SPACE = /[ \t\n\r]*/y;
const MOST_LEVELS = 500;

class Misplaced extends Error {}

/**
 * Reads a text to its end, or to the first thing that is wrong.
 *
 * @returns {{problem: {line: number, text: string}|null, elementLines: number[]}} what is wrong,
 * and the lines on which the elements of the outermost list begin.
 */
export function scanJSON(text) {
  const scanner = new Scanner(text);
  try {
    scanner.readAll();
    return { problem: null, elementLines: scanner.elementLines };
  } catch (error) {
    if (!(error instanceof Misplaced)) throw error;
    return { problem: { line: scanner.line, text: error.message }, elementLines: [] };
  }
}

class Scanner {
  elementLines = [];
  #text;
  #index = 0;
  #level = 0;

  constructor(text) {
    this.#text = text;
  }

  /** The line of what is read next; at the end, that of the last thing before it. */
  get line() {
    const isAtEnd = this.#index >= this.#text.length;
    const before = this.#text.slice(0, this.#index);
    return (isAtEnd ? before.trimEnd() : before).split('\n').length;
  }

  readAll() {
    this.#value();
    this.#peek();
    if (this.#index < this.#text.length) throw new Misplaced('there is something behind the end');
  }

  #value() {
    const next = this.#peek();
    if (next === '{') this.#members('}', 'a closing brace', () => this.#member());
    else if (next === '[') this.#members(']', 'a closing bracket', () => this.#element());
    else if (next === '' || '}],:'.includes(next)) throw this.#expected('a value');
    else this.#index += next.length;
  }

  #members(end, endName, readOne) {
    this.#level += 1;
    if (this.#level > MOST_LEVELS) throw new Misplaced('it is nested too deeply');
    this.#index += 1;
    if (this.#peek() !== end) {
      readOne();
      while (this.#accepts(',')) readOne();
    }
    if (!this.#accepts(end)) throw this.#expected(`a comma or ${endName}`);
    this.#level -= 1;
  }

  #element() {
    this.#peek();
    if (this.#level === 1) this.elementLines.push(this.line);
    this.#value();
  }

  #member() {
    const name = this.#peek();
    if (!name.startsWith('"')) throw this.#expected('a name in double quotes');
    this.#index += name.length;
    if (!this.#accepts(':')) throw this.#expected('a colon');
    this.#value();
  }

  #accepts(mark) {
    if (this.#peek() !== mark) return false;
    this.#index += 1;
    return true;
  }

  /** The next token, behind any space, or nothing for the end or for what is no token. */
  #peek() {
    SPACE.lastIndex = this.#index;
    this.#index += SPACE.exec(this.#text)[0].length;
    TOKEN.lastIndex = this.#index;
    return TOKEN.exec(this.#text)?.[0] ?? '';
  }

  #expected(what) {
    const found = this.#text.slice(this.#index, this.#index + 1);
    return new Misplaced(found ? `${what} belongs where “${found}” is` : `${what} is missing`);
  }
}
