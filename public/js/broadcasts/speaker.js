import { Microphone } from '../audio/microphone.js';
import { Backoff } from '../realtime/backoff.js';
import { SpeakerLink } from './speaker-link.js';
import { SpeechBuffer } from './speech-buffer.js';

const ENDED_CODE = 1000;
const TAKEN_OVER_CODE = 4409;
const IDLE_CODE = 4408;

/**
 * One who speaks in a broadcast. A lost connection is made again; what is said meanwhile waits for
 * it, up to a bound, and what is lost is counted in `lostMs`.
 *
 * `state` is `off`, `asking` (for the microphone), `connecting`, `live` or `reconnecting`. When it
 * is off, `reason` may say why: `replaced`, `idle`, `ended`, or `problem` with `{code, message}`.
 * `status` is what the broker said last (`broadcast.status`). Tells `change` of any of these.
 */
export class BroadcastSpeaker extends EventTarget {
  state = 'off';
  reason = null;
  problem = null;
  status = null;
  #id;
  #check;
  #microphone = null;
  #speech = new SpeechBuffer();
  #link = null;
  #backoff = new Backoff();
  #running = new AbortController();

  /** `check()` asks for the broadcast, and throws when one may not speak in it. */
  constructor(id, check) {
    super();
    this.#id = id;
    this.#check = check;
  }

  get id() {
    return this.#id;
  }

  get isOn() {
    return this.state !== 'off';
  }

  /** From 0, silence, to 1, loud. */
  get level() {
    return this.#microphone?.level ?? 0;
  }

  get lostMs() {
    return this.#speech.lostMs;
  }

  /** Which microphone is used. */
  get deviceID() {
    return this.#microphone?.track.getSettings().deviceId ?? '';
  }

  /** Asks for the microphone, then speaks. Call it in a user's gesture. */
  async start(deviceID = '') {
    if (this.isOn) return;
    this.#running = new AbortController();
    const { signal } = this.#running;
    this.#speech = new SpeechBuffer();
    this.#backoff.reset();
    this.#set({ state: 'asking', reason: null, problem: null });
    try {
      const microphone = await Microphone.open(deviceID);
      if (signal.aborted) return microphone.close();
      await this.#use(microphone);
    } catch (error) {
      return this.#fail(signal, error);
    }
    this.#run(signal);
  }

  stop(reason = null) {
    this.#running.abort();
    this.#link?.close();
    this.#microphone?.close();
    this.#microphone = null;
    this.#set({ state: 'off', reason, status: null });
  }

  /** Another microphone in place of the one that is open, which stays where that one cannot be used. */
  async setMicrophone(deviceID) {
    const { signal } = this.#running;
    if (!this.#microphone) return;
    try {
      const microphone = await Microphone.open(deviceID);
      if (signal.aborted) return microphone.close();
      await this.#use(microphone);
      this.#set({ problem: null });
    } catch (error) {
      if (signal.aborted) return;
      if (this.#microphone.track.readyState === 'live') this.#set({ problem: error });
      else this.#fail(signal, error);
    }
  }

  async #use(microphone) {
    this.#microphone?.close();
    this.#microphone = microphone;
    // One that is unplugged gives way to the usual one.
    microphone.track.onended = () => this.setMicrophone('');
    await microphone.capture((samples) => this.#hear(samples));
  }

  #hear(samples) {
    if (this.state !== 'live') this.#speech.add(samples);
    else if (!this.#link.send(samples)) this.#speech.lose(samples.length);
  }

  async #run(signal) {
    if (signal.aborted) return;
    this.#set({ state: 'connecting' });
    while (!signal.aborted) {
      const link = new SpeakerLink(this.#id, (event) => this.#take(event));
      this.#link = link;
      const { code, wasReady, unsentSamples } = await link.done;
      if (signal.aborted) return;
      this.#speech.lose(unsentSamples);
      if (code === TAKEN_OVER_CODE) return this.stop('replaced');
      if (code === IDLE_CODE) return this.stop('idle');
      if (code === ENDED_CODE) return this.stop('ended');
      this.#set({ state: this.state === 'connecting' ? 'connecting' : 'reconnecting' });
      if (wasReady) this.#backoff.reset();
      else await this.#askWhy(signal);
      await this.#backoff.pause(signal).catch(() => {});
    }
  }

  #take(event) {
    if (event.type === 'speaker.ready') {
      for (const samples of this.#speech.take()) {
        if (!this.#link.send(samples)) this.#speech.lose(samples.length);
      }
      this.#set({ state: 'live' });
    }
    if (event.type === 'broadcast.status') this.#set({ status: event });
  }

  /** No connection came about: it may have ended, or be gone. */
  async #askWhy(signal) {
    try {
      const { status } = await this.#check({ signal });
      if (status === 'ended' && !signal.aborted) this.stop('ended');
    } catch (error) {
      const message = 'Only who made this broadcast may speak in it.';
      if (error.status === 404) this.#fail(signal, { code: 'not_yours', message });
    }
  }

  #fail(signal, { code, message }) {
    if (signal.aborted) return;
    this.stop('problem');
    this.#set({ problem: { code, message } });
  }

  #set(change) {
    Object.assign(this, change);
    this.#changed();
  }

  #changed() {
    this.dispatchEvent(new Event('change'));
  }
}
