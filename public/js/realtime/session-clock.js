const LONGEST_LEAD_MS = 120_000;
const LONGEST_LAST_CALL_MS = 15_000;

/**
 * When upstream ends its session, and what is due before. It goes by the wall clock: a sleeping tab's
 * timers do not.
 */
export class SessionClock {
  #endsAtMs;
  #leadMs;
  #lastCallMs;

  /**
   * @param {number} endsAtMs
   * @param {number} nowMs
   */
  constructor(endsAtMs, nowMs) {
    const restMs = Math.max(0, endsAtMs - nowMs);
    this.#endsAtMs = endsAtMs;
    this.#leadMs = Math.min(LONGEST_LEAD_MS, restMs / 5);
    this.#lastCallMs = Math.min(LONGEST_LAST_CALL_MS, restMs / 20);
  }

  get endsAtMs() {
    return this.#endsAtMs;
  }

  /**
   * Whether the next session should be opened, to take over when nobody speaks.
   *
   * @param {number} nowMs
   */
  isRenewalDue(nowMs) {
    return nowMs >= this.#endsAtMs - this.#leadMs;
  }

  /**
   * Whether it must take over, whoever speaks.
   *
   * @param {number} nowMs
   */
  isLastCall(nowMs) {
    return nowMs >= this.#endsAtMs - this.#lastCallMs;
  }
}
