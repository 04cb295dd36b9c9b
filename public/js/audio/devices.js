import { notLoaded } from '../not-loaded.js';
import { Player } from './player.js';

/** @typedef {import('./microphone.js').Microphone} Microphone */

/** What one hears and speaks with: a microphone while it is needed, and a player that stays. */
export class AudioDevices {
  #onPlaying;
  #onChange;
  /** @type {Player|null} */
  #player = null;
  /** @type {Microphone|null} */
  microphone = null;
  #isOpen = true;
  /** Of the microphone that was asked for last: one that comes later than that is not wanted any more. */
  #wish = 0;
  #isInUse = false;
  /** Whether the microphone went, and there was no other. */
  #isMissing = false;

  /**
   * @param {(isPlaying: boolean) => void} onPlaying
   * @param {(microphone: Microphone|null, error?: unknown) => void} onChange told when the microphone
   * was unplugged or taken back, and when there is one again: which one is used, or why none is
   */
  constructor(onPlaying, onChange) {
    this.#onPlaying = onPlaying;
    this.#onChange = onChange;
    navigator.mediaDevices?.addEventListener('devicechange', () => this.#plugged());
    // Browsers put sound to sleep, as for a call on a phone, and do not always wake it again.
    document.addEventListener('visibilitychange', () => this.#wake());
  }

  /** Made when it is first needed, which is in a user's gesture. */
  get player() {
    return (this.#player ??= new Player(this.#onPlaying));
  }

  /** How loud the user is, from 0 to 1. */
  get level() {
    return this.microphone?.level ?? 0;
  }

  /**
   * @param {string|undefined} deviceID
   * @throws {import('./microphone.js').MicrophoneError}
   */
  async open(deviceID) {
    const playing = this.player.open();
    // Without a microphone, it is of no matter.
    playing.catch(() => {});
    await this.change(deviceID);
    // Some browsers let a page sound once it may hear.
    if (this.#isInUse) this.player.wake();
    await playing;
  }

  /**
   * Another microphone in place of the one that is open. When it is closed or changed again
   * meanwhile, nothing is opened.
   *
   * @param {string} [deviceID]
   */
  async change(deviceID) {
    const wish = (this.#wish += 1);
    this.#isInUse = true;
    const { Microphone } = await import('./microphone.js').catch(notLoaded);
    const microphone = await Microphone.open(deviceID);
    if (wish === this.#wish) this.#use(microphone);
    else microphone.close();
  }

  /**
   * Whether the microphone hears, this one and those that take its place.
   *
   * @param {boolean} isOpen
   */
  setOpen(isOpen) {
    this.#isOpen = isOpen;
    if (this.microphone) this.microphone.isOpen = isOpen;
  }

  /** Silence, and no microphone. */
  close() {
    this.#wish += 1;
    this.#isInUse = false;
    this.#isMissing = false;
    this.microphone?.close();
    this.microphone = null;
    this.#player?.clear().then(() => this.#isInUse || this.#player?.rest());
  }

  /** @param {Microphone} microphone */
  #use(microphone) {
    this.microphone?.close();
    this.microphone = microphone;
    this.#isMissing = false;
    microphone.isOpen = this.#isOpen;
    microphone.track.onended = () => this.#gone(microphone);
  }

  /** @param {Microphone} gone */
  async #gone(gone) {
    try {
      await this.change('');
      this.#onChange(this.microphone);
    } catch (error) {
      if (gone !== this.microphone) return;
      gone.close();
      this.microphone = null;
      this.#isMissing = true;
      this.#onChange(null, error);
    }
  }

  /** What was plugged in may be the microphone that is missing. */
  async #plugged() {
    if (!this.#isMissing) return;
    // If it is not, the user was told so already.
    await this.change('').catch(() => {});
    if (this.microphone) this.#onChange(this.microphone);
  }

  #wake() {
    if (document.hidden || !this.#isInUse) return;
    this.#player?.open().catch(() => {});
    this.microphone?.wake();
  }
}
