// The captions of one language, in order, however they come.

/**
 * Takes in what is told (docs/broadcasts.md) and pages of what is stored. Each caption is held as it
 * was told last, by its sequence; one that is being spoken is a draft. What is held has no holes: of
 * what is told again to those who join, only the last unbroken stretch is kept, and the rest comes
 * from the store when it is asked for.
 *
 * @typedef {{sequence: number, revision: number, kind: string, text: string, reason: string|null,
 *   speaker: number, start_ms: number, end_ms: number, isDraft: boolean}} Caption
 */
export class CaptionList {
  /** The id of the last event, for coming back. */
  mark = null;
  /** The sequences that changed since the view looked; it empties this. */
  changed = new Set();
  #captions = new Map();
  /** What ended before this is told again, not anew. */
  #replayUntilMs = -1;
  #joinedAtMs = Infinity;

  get(sequence) {
    return this.#captions.get(sequence);
  }

  get sequences() {
    return [...this.#captions.keys()].sort((one, other) => one - other);
  }

  /** The lowest sequence that is held; none: 0. */
  get first() {
    return this.#captions.size > 0 ? Math.min(...this.#captions.keys()) : 0;
  }

  /** A connection begins; what it tells again follows. */
  joined({ at_ms: atMs, events_missing: isIncomplete }) {
    if (isIncomplete) this.#forget(() => true);
    // Those that are still being spoken are told again.
    this.#forget((caption) => caption.isDraft);
    const isNew = this.mark === null || isIncomplete;
    this.#replayUntilMs = isNew ? atMs : -1;
    if (isNew) this.#joinedAtMs = atMs;
  }

  /** Takes in a caption that is whole; whether it was said since one listens, and was not known. */
  completed(event) {
    if (event.event_id) this.mark = event.event_id;
    const known = this.get(event.sequence);
    if (known && !known.isDraft && known.revision >= event.revision) return false;
    if (!known && event.end_ms <= this.#replayUntilMs && !this.#makeRoom(event.sequence)) {
      return false;
    }
    this.#put(event, false);
    return (!known || known.isDraft) && event.end_ms >= this.#joinedAtMs;
  }

  /** Takes in what was said so far of one that is being spoken. */
  delta(event) {
    const known = this.get(event.sequence);
    if (known && !known.isDraft) return;
    this.#put({ ...event, revision: 0, kind: 'text', reason: null, end_ms: event.start_ms }, true);
  }

  /** Takes in a page of the store, of what is older. */
  addOlder(segments) {
    for (const segment of segments) {
      if (!this.#captions.has(segment.sequence)) this.#put(segment, false);
    }
  }

  /** Forgets the oldest but for so many. */
  trim(count) {
    const surplus = this.#captions.size - count;
    if (surplus <= 0) return;
    const gone = new Set(this.sequences.slice(0, surplus));
    this.#forget((caption) => gone.has(caption.sequence));
  }

  /** Whether what is told again belongs here; what lies before a hole goes. */
  #makeRoom(sequence) {
    if (this.#captions.size === 0) return true;
    const last = Math.max(...this.#captions.keys());
    if (sequence > last + 1) this.#forget(() => true);
    return sequence > last;
  }

  #put({ sequence, revision, kind, text, reason, speaker, start_ms, end_ms }, isDraft) {
    const caption = { sequence, revision, kind, text, reason, speaker, start_ms, end_ms, isDraft };
    this.#captions.set(sequence, caption);
    this.changed.add(sequence);
  }

  #forget(isGone) {
    for (const caption of [...this.#captions.values()].filter(isGone)) {
      this.#captions.delete(caption.sequence);
      this.changed.add(caption.sequence);
    }
  }
}
