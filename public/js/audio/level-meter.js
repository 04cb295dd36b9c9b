const WINDOW_SAMPLES = 512;
/** Speech lies between these; quieter than the first is no sound at all. */
const QUIET_DB = -60;
const LOUD_DB = -10;

/** How loud a node of an audio graph is, asked once a frame. */
export class LevelMeter {
  #analyser;
  #samples = new Float32Array(WINDOW_SAMPLES);

  /** @param {AudioNode} source */
  constructor(source) {
    this.#analyser = new AnalyserNode(source.context, { fftSize: WINDOW_SAMPLES });
    source.connect(this.#analyser);
  }

  /** From 0, silence, to 1, loud. */
  get level() {
    this.#analyser.getFloatTimeDomainData(this.#samples);
    let sum = 0;
    for (const sample of this.#samples) sum += sample * sample;
    const decibels = 10 * Math.log10(sum / WINDOW_SAMPLES + 1e-10);
    return Math.max(0, Math.min(1, (decibels - QUIET_DB) / (LOUD_DB - QUIET_DB)));
  }

  disconnect() {
    this.#analyser.disconnect();
  }
}
