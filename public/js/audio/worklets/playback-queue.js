// What is still to be played, and how much of it was.

/** Long answers arrive much faster than they are spoken. Beyond this, the rest stays silent. */
const LIMIT_SAMPLES = 15 * 60 * 24_000;
/** Gathered before the first sample of an answer sounds, so that a late piece leaves no gap. */
const LEAD_SAMPLES = 1_920; // 80 ms
const LARGEST_SAMPLE = 32_768;

/**
 * Pieces of speech, each of an item, played one behind the other without a gap.
 *
 * @typedef {{itemID: string, contentIndex: number, samples: Int16Array}} Piece
 * @typedef {{itemID: string, contentIndex: number, samples: number}} Heard
 */
export class PlaybackQueue {
  /** @type {Piece[]} */
  #pieces = [];
  #offset = 0;
  #waiting = 0;
  #isWhole = false;
  isPlaying = false;
  /**
   * What was played last, and how many samples of it; null before anything was.
   *
   * @type {Heard|null}
   */
  heard = null;

  /**
   * @param {Piece} piece
   * @returns {boolean} whether there was room for it
   */
  add(piece) {
    if (this.#waiting + piece.samples.length > LIMIT_SAMPLES) return false;
    this.#isWhole = false;
    this.#pieces.push(piece);
    this.#waiting += piece.samples.length;
    return true;
  }

  /** Nothing more comes for now: what waits is played, however little it is. */
  finish() {
    this.#isWhole = true;
  }

  /**
   * Empties it.
   *
   * @returns {Heard[]} what was being played, and then what was still to be: of that, nothing was heard
   */
  clear() {
    const begun = this.isPlaying && this.heard ? [{ ...this.heard }] : [];
    const cut = new Map(begun.map((heard) => [heard.itemID, heard]));
    for (const { itemID, contentIndex } of this.#pieces) {
      if (!cut.has(itemID)) cut.set(itemID, { itemID, contentIndex, samples: this.#heardOf(itemID) });
    }
    this.#pieces.length = 0;
    this.#offset = 0;
    this.#waiting = 0;
    this.isPlaying = false;
    return [...cut.values()];
  }

  /**
   * Fills a block with what is due, else with silence.
   *
   * @param {Float32Array} block
   */
  read(block) {
    block.fill(0);
    if (!this.isPlaying && !this.#mayBegin) return;
    let filled = 0;
    while (filled < block.length && this.#pieces.length > 0) filled += this.#copy(block, filled);
    this.isPlaying = this.#pieces.length > 0 || filled === block.length;
  }

  get #mayBegin() {
    return this.#waiting >= LEAD_SAMPLES || (this.#isWhole && this.#waiting > 0);
  }

  /**
   * Copies what fits of the first piece.
   *
   * @param {Float32Array} block
   * @param {number} start
   */
  #copy(block, start) {
    const piece = this.#pieces[0];
    const count = Math.min(block.length - start, piece.samples.length - this.#offset);
    for (let index = 0; index < count; index += 1) {
      block[start + index] = piece.samples[this.#offset + index] / LARGEST_SAMPLE;
    }
    this.#offset += count;
    this.#waiting -= count;
    this.#count(piece, count);
    if (this.#offset === piece.samples.length) {
      this.#pieces.shift();
      this.#offset = 0;
    }
    return count;
  }

  /**
   * An item whose speech came late was heard in part.
   *
   * @param {string} itemID
   */
  #heardOf(itemID) {
    return this.heard?.itemID === itemID ? this.heard.samples : 0;
  }

  /**
   * @param {Piece} piece
   * @param {number} count
   */
  #count({ itemID, contentIndex }, count) {
    if (this.heard?.itemID !== itemID) this.heard = { itemID, contentIndex, samples: 0 };
    this.heard.samples += count;
  }
}
