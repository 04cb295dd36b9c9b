/**
 * The captions of one language, each as it was told last; one that is being spoken has `isDraft`.
 * There are no holes: of what is told again to those who join, the last unbroken stretch is kept;
 * the rest comes from the store when it is asked for.
 */
export class CaptionList {
  /** The id of the last event, for coming back. */
  mark = null;
  /** What changed since the view looked; it empties this. */
  changed = new Set();
  #captions = new Map();
  #joinedAtMs = Infinity;
  /** What ended until then is told again, not anew. */
  #replayUntilMs = -1;

  get(sequence) {
    return this.#captions.get(sequence);
  }

  get sequences() {
    return [...this.#captions.keys()].sort((one, other) => one - other);
  }

  /** The lowest sequence; 0 for none. */
  get first() {
    return this.sequences[0] ?? 0;
  }

  /** A connection begins; what it tells again follows. */
  joined({ at_ms: atMs, events_missing: isMissing }) {
    this.#forget((caption) => isMissing || caption.isDraft);
    const isNew = isMissing || this.mark === null;
    if (isNew) this.#joinedAtMs = atMs;
    this.#replayUntilMs = isNew ? atMs : -1;
  }

  /** Takes in a caption that is whole; whether it was said since one listens. */
  completed(event) {
    this.mark = event.event_id ?? this.mark;
    const { sequence } = event;
    const known = this.get(sequence);
    const isToldAgain = !known && event.end_ms <= this.#replayUntilMs;
    if (known?.revision >= event.revision) return false;
    if (isToldAgain && !this.#makeRoom(sequence)) return false;
    this.#put({ ...event, isDraft: false });
    return (known?.isDraft ?? true) && event.end_ms >= this.#joinedAtMs;
  }

  /** Takes in what was said so far. */
  delta(event) {
    const known = this.get(event.sequence);
    if (!known || known.isDraft) this.#put({ ...event, revision: 0, kind: 'text', isDraft: true });
  }

  /** Takes in a page of the store, of what is older. */
  addOlder(segments) {
    for (const segment of segments) if (!this.get(segment.sequence)) this.#put(segment);
  }

  /** Forgets the oldest but for so many. */
  trim(count) {
    if (this.#captions.size <= count) return;
    const first = this.sequences.at(-count);
    this.#forget(({ sequence }) => sequence < first);
  }

  /** Whether what is told again belongs here; what lies before a hole goes. */
  #makeRoom(sequence) {
    const last = this.sequences.at(-1) ?? 0;
    if (sequence > last + 1) this.#forget(() => true);
    return sequence > last;
  }

  #put(caption) {
    this.#captions.set(caption.sequence, caption);
    this.changed.add(caption.sequence);
  }

  #forget(isGone) {
    for (const [sequence, caption] of this.#captions) {
      if (!isGone(caption)) continue;
      this.#captions.delete(sequence);
      this.changed.add(sequence);
    }
  }
}
