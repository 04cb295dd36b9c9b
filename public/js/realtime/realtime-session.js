import { Microphone } from '../audio/microphone.js';
import { Player } from '../audio/player.js';
import { MemoryStorage } from '../storage.js';
import { activity, carryOn, emptyConversation, interrupt, update } from './conversation.js';
import { makeID, responseRequest, turnDetectionUpdate, userMessage, withEventID } from './events.js';
import { outputsOf } from './function-calls.js';
import { Lifeline } from './lifeline.js';
import { explain, lossText } from './plain-words.js';
import { TurnTaking } from './turn-taking.js';
import { Unsent } from './unsent.js';

/** What a returning client missed comes at once; what is not confirmed then was lost. */
const REPLAY_MS = 300;

/**
 * @typedef {import('./types.js').StartOptions} StartOptions
 * @typedef {import('./types.js').RealtimeEvent} RealtimeEvent
 * @typedef {{after: string|null, text: string}} Notice
 */

/**
 * A conversation by voice and text that goes on while connections come and go.
 *
 * One session at a time: `start` begins one, `end` ends it. Events, with their details: `change` of
 * anything below; `event` {isSent, event} for each of the protocol's and the broker's, but for the
 * pieces of the microphone's audio; `finished` once the broker knows of the end.
 */
export class RealtimeSession extends EventTarget {
  /** @type {'idle'|'connecting'|'live'|'reconnecting'|'error'} */
  phase = 'idle';
  /**
   * The broker's answer to minting, without the secret; null before the first.
   *
   * @type {any}
   */
  session = null;
  conversation = emptyConversation;
  /**
   * Sentences for the user, between the items.
   *
   * @type {Notice[]}
   */
  notices = [];
  /**
   * Why it stopped; null while all is well.
   *
   * @type {import('./types.js').Problem|null}
   */
  problem = null;
  /** @type {StartOptions} */
  options = {};
  isMuted = false;
  isPlaying = false;
  #api;
  #unsent;
  /** @type {TurnTaking} */
  #turns;
  /** @type {Lifeline} */
  #lifeline;
  /** @type {Player|null} */
  #player = null;
  /** @type {Microphone|null} */
  #microphone = null;
  /**
   * The items of typed texts that went out on this connection.
   *
   * @type {Set<string>}
   */
  #sent = new Set();
  /** Whether the model is to go on as soon as nothing else runs. */
  #owesResponse = false;
  /** What a start is worth that another one has overtaken. */
  #attempt = 0;
  /** @type {Promise<unknown>} */
  #ending = Promise.resolve();

  /** @param {{api: import('./types.js').BrokerAPI, storage?: import('./unsent.js').Store}} parts */
  constructor({ api, storage = new MemoryStorage() }) {
    super();
    this.#api = api;
    this.#unsent = new Unsent(storage);
    this.#turns = new TurnTaking({
      transport: () => this.#lifeline.transport,
      microphone: () => this.#microphone,
      hasActiveResponse: () => this.conversation.activeResponse !== null,
      send: (event) => this.#send(event),
      askForResponse: () => this.#askForResponse(),
      hint: (text) => this.#note(text),
    });
    this.#lifeline = new Lifeline(api, {
      player: () => (this.#player ??= this.#makePlayer()),
      microphone: () => this.#microphone,
      isQuiet: () => this.state === 'listening' && !this.isUserSpeaking,
      minted: (session) => this.#minted(session),
      ready: (isResumed) => this.#ready(isResumed),
      received: (event) => this.#received(event),
      playing: (isPlaying) => this.#become({ isPlaying }),
      renewed: () => this.#note(lossText([])),
      lost: () => this.#lost(),
      ended: (text) => this.#stop({ phase: 'idle' }, text),
      failed: (problem) => this.#stop({ phase: 'error', problem }),
    });
  }

  /**
   * What a user sees: not connected (`idle`), `connecting`, `listening`, `thinking`, `speaking`,
   * `reconnecting` or `error`.
   */
  get state() {
    if (this.phase !== 'live') return this.phase;
    if (this.isPlaying && !this.isUserSpeaking) return 'speaking';
    const doing = activity(this.conversation);
    return doing === 'answering' ? 'speaking' : doing;
  }

  get isRunning() {
    return this.phase !== 'idle' && this.phase !== 'error';
  }

  /** @returns {boolean} */
  get isUserSpeaking() {
    return this.#turns.isPressed || this.conversation.isUserSpeaking;
  }

  get isPressed() {
    return this.#turns.isPressed;
  }

  get hasMicrophone() {
    return this.#microphone !== null;
  }

  /** `webrtc` or `websocket`; null while there is no connection. */
  get transport() {
    return this.phase === 'live' ? (this.#lifeline.transport?.kind ?? null) : null;
  }

  /** When upstream's session ends and the next one has taken over; null where the broker sees to it. */
  get endsAtMs() {
    return this.#lifeline.endsAtMs;
  }

  /** How loud the user is, from 0 to 1. */
  get inputLevel() {
    return this.#microphone?.level ?? 0;
  }

  /** How loud the model is, from 0 to 1. */
  get outputLevel() {
    return this.isPlaying ? (this.#lifeline.transport?.level ?? 0) : 0;
  }

  /** The texts that wait to be sent, by the ids of their items. */
  get unsent() {
    return this.#unsent.entries;
  }

  /** Ends a running session, asks for the microphone, mints and connects. Call it in a gesture. */
  async start(/** @type {StartOptions} */ options = {}) {
    this.end();
    const attempt = (this.#attempt += 1);
    this.#begin(options);
    try {
      // What the last session left is there for the next one only once it has ended.
      await Promise.all([this.#openAudio(options, attempt), this.#ending]);
      if (attempt === this.#attempt) await this.#lifeline.open(options);
    } catch (error) {
      if (attempt === this.#attempt) this.#stop({ phase: 'error', problem: explain(error) });
    }
  }

  /** Sends what the user typed; without a session, it waits for the next one. Answers false if full. */
  say(/** @type {string} */ text) {
    if (this.#unsent.isFull) return false;
    const id = makeID('item_');
    this.#unsent.add(id, text);
    if (this.phase === 'live') this.#sendTyped();
    this.#become({});
    return true;
  }

  /** Cuts the running answer short. */
  stopAnswer() {
    return this.#turns.stopAnswer();
  }

  setMuted(/** @type {boolean} */ isMuted) {
    if (this.#microphone && !this.#isPushToTalk) this.#microphone.isOpen = !isMuted;
    this.#become({ isMuted });
  }

  /** Push to talk: the user begins to speak. */
  press() {
    if (this.phase !== 'live' || !this.#isPushToTalk) return;
    this.#turns.press();
    this.#become({});
  }

  /** Push to talk: the user has ended. */
  release() {
    this.#turns.release();
    this.#become({});
  }

  /** Changes who ends the user's turns, also while talking. */
  setTurnDetection(/** @type {NonNullable<StartOptions['turnDetection']>} */ mode) {
    this.options = { ...this.options, turnDetection: mode };
    this.#send(turnDetectionUpdate(mode));
    const transport = this.#lifeline.transport;
    if (transport) transport.sendsWhileOpenOnly = this.#isPushToTalk;
    if (this.#microphone) this.#microphone.isOpen = !this.#isPushToTalk && !this.isMuted;
    this.#become({});
  }

  /** Listens to another microphone; empty for the default one. */
  async setMicrophone(/** @type {string} */ deviceID) {
    this.options = { ...this.options, deviceID };
    if (!this.#microphone) return;
    const microphone = await Microphone.open(deviceID);
    this.#useMicrophone(microphone);
    await this.#lifeline.transport?.listenTo(microphone);
  }

  /** Ends the session here, upstream and at the broker. */
  end() {
    if (this.isRunning) this.#stop({ phase: 'idle' });
  }

  /** The page is going away: one request outlives it. */
  leave() {
    if (!this.isRunning || !this.session) return;
    this.#lifeline.close();
    this.#api.endSession(this.session.id, { isLeaving: true }).catch(() => {});
  }

  get #isPushToTalk() {
    return this.options.turnDetection === 'push_to_talk';
  }

  /** @param {StartOptions} options */
  #begin(options) {
    const isSame = this.session && options.conversation_id === this.session.conversation_id;
    this.#owesResponse = false;
    this.#become({
      phase: 'connecting',
      options,
      problem: null,
      isMuted: false,
      ...(!isSame && { conversation: emptyConversation, notices: [], session: null }),
    });
  }

  /**
   * @param {StartOptions} options
   * @param {number} attempt
   */
  async #openAudio({ isTyped, deviceID }, attempt) {
    if (isTyped) return;
    const player = (this.#player ??= this.#makePlayer());
    const [microphone] = await Promise.all([Microphone.open(deviceID), player.open()]);
    if (attempt === this.#attempt) this.#useMicrophone(microphone);
    else microphone.close();
  }

  #makePlayer() {
    return new Player((isPlaying) => this.#become({ isPlaying }));
  }

  /** @param {Microphone} microphone */
  #useMicrophone(microphone) {
    this.#microphone?.close();
    this.#microphone = microphone;
    microphone.isOpen = !this.#isPushToTalk && !this.isMuted;
    microphone.track.onended = () => this.#microphoneGone();
    this.#become({});
  }

  /** It was unplugged, or the user took the permission back. */
  async #microphoneGone() {
    try {
      await this.setMicrophone('');
    } catch (error) {
      this.#microphone?.close();
      this.#microphone = null;
      this.#note(explain(error).message);
    }
  }

  /** @param {import('./types.js').MintedSession} minted */
  #minted({ client_secret: secret, ...session }) {
    const conversation = carryOn(interrupt(this.conversation, this.#unsent.ids));
    this.#sent.clear();
    this.#become({ session, conversation });
  }

  /** @param {boolean} isResumed */
  #ready(isResumed) {
    this.#become({ phase: 'live' });
    if (isResumed) setTimeout(() => this.#sendTyped(), REPLAY_MS);
    else this.#sendTyped();
  }

  #lost() {
    this.#sent.clear();
    this.#become({ phase: 'reconnecting' });
  }

  /**
   * @param {Partial<RealtimeSession>} fields
   * @param {string} [text]
   */
  #stop(fields, text) {
    this.#attempt += 1;
    this.#lifeline.close();
    this.#microphone?.close();
    this.#microphone = null;
    this.#player?.clear();
    this.#sent.clear();
    this.#become({
      ...fields,
      isPlaying: false,
      conversation: interrupt(this.conversation, this.#unsent.ids),
    });
    if (text) this.#note(text);
    if (this.session) this.#ending = this.#endAtBroker(this.session);
  }

  /** @param {{id: string}} session */
  async #endAtBroker(session) {
    // If the broker cannot be told, it will notice by itself.
    await this.#api.endSession(session.id).catch(() => {});
    this.dispatchEvent(new CustomEvent('finished', { detail: session }));
  }

  #sendTyped() {
    if (this.phase !== 'live') return;
    this.#unsent.refresh();
    const entries = this.#unsent.entries.filter(({ id }) => !this.#sent.has(id));
    if (entries.length === 0) return;
    if (this.state === 'speaking') this.#turns.stopAnswer();
    for (const { id, text } of entries) if (this.#send(userMessage(text, id))) this.#sent.add(id);
    this.#askForResponse();
  }

  #askForResponse() {
    this.#owesResponse = true;
    this.#goOn();
  }

  /** One response at a time. */
  #goOn() {
    if (!this.#owesResponse || this.conversation.activeResponse !== null) return;
    this.#owesResponse = !this.#send(responseRequest());
  }

  /** @param {RealtimeEvent} event */
  #send(event) {
    const identified = withEventID(event);
    if (!this.#lifeline.send(identified)) return false;
    this.#apply(true, identified);
    return true;
  }

  /** @param {RealtimeEvent} event */
  #received(event) {
    this.#apply(false, event);
    this.#reactions[event.type]?.(event);
  }

  /** @type {Record<string, (event: RealtimeEvent) => void>} */
  #reactions = {
    'input_audio_buffer.speech_started': () => void this.#turns.bargedIn(),
    'conversation.item.added': ({ item }) => this.#unsent.remove(item.id),
    'response.done': ({ response }) => void this.#responded(response),
    error: () => this.#forgetRefused(),
    'broker.session': ({ resumed, events_missing: isMissing }) => {
      if (resumed && isMissing) this.#become({ conversation: interrupt(this.conversation) });
    },
    'broker.session_renewed': ({ lost }) => this.#note(lossText(lost)),
    'broker.session_expiring': ({ expires_in_seconds: seconds }) =>
      this.#note(`The session ends in ${seconds} seconds.`),
    'broker.error': ({ error }) => this.#note(error.message),
  };

  /** @param {any} response */
  async #responded(response) {
    this.#goOn();
    const outputs = await outputsOf(response, this.options.functions ?? {});
    for (const output of outputs) this.#send(output);
    if (outputs.length > 0) this.#askForResponse();
  }

  /** What upstream will never take is not sent again. */
  #forgetRefused() {
    const refused = Object.values(this.conversation.items).filter(({ isRefused }) => isRefused);
    for (const { id } of refused) this.#unsent.remove(id);
  }

  /**
   * @param {boolean} isSent
   * @param {RealtimeEvent} event
   */
  #apply(isSent, event) {
    this.dispatchEvent(new CustomEvent('event', { detail: { isSent, event } }));
    const { state, notice } = update(this.conversation, event);
    if (state !== this.conversation) this.#become({ conversation: state });
    if (notice) this.#note(notice);
  }

  /** @param {string} text */
  #note(text) {
    const after = this.conversation.order.at(-1) ?? null;
    this.#become({ notices: [...this.notices, { after, text }] });
  }

  /** @param {Partial<RealtimeSession>} fields */
  #become(fields) {
    Object.assign(this, fields);
    this.dispatchEvent(new CustomEvent('change'));
  }
}
