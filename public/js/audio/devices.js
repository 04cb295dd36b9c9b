import { Microphone } from './microphone.js';
import { Player } from './player.js';

/** What one hears and speaks with: a microphone while it is needed, and a player that stays. */
export class AudioDevices {
  #onPlaying;
  #onGone;
  /** @type {Player|null} */
  #player = null;
  /** @type {Microphone|null} */
  microphone = null;
  #isOpen = true;

  /**
   * @param {(isPlaying: boolean) => void} onPlaying
   * @param {(microphone: Microphone|null, error?: unknown) => void} onGone told when the microphone
   * was unplugged or taken back: which one is used instead, or why none is
   */
  constructor(onPlaying, onGone) {
    this.#onPlaying = onPlaying;
    this.#onGone = onGone;
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
   * @param {() => boolean} isWanted asked when the user has let us have it
   * @throws {import('./microphone.js').MicrophoneError}
   */
  async open(deviceID, isWanted) {
    const playing = this.player.open();
    const microphone = await Microphone.open(deviceID);
    if (isWanted()) this.#use(microphone);
    else microphone.close();
    await playing;
  }

  /**
   * Another microphone in place of the one that is open.
   *
   * @param {string} deviceID
   */
  async change(deviceID) {
    this.#use(await Microphone.open(deviceID));
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
    this.microphone?.close();
    this.microphone = null;
    this.#player?.clear();
  }

  /** @param {Microphone} microphone */
  #use(microphone) {
    this.microphone?.close();
    this.microphone = microphone;
    microphone.isOpen = this.#isOpen;
    microphone.track.onended = () => this.#gone();
  }

  async #gone() {
    try {
      await this.change('');
      this.#onGone(this.microphone);
    } catch (error) {
      this.microphone?.close();
      this.microphone = null;
      this.#onGone(null, error);
    }
  }
}
