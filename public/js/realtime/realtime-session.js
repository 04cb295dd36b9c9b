import { AudioDevices } from '../audio/devices.js';
import { notLoaded } from '../not-loaded.js';
import { MemoryStorage } from '../storage.js';
import { Aftercare } from './aftercare.js';
import { activity, carryOn, emptyConversation, interrupt } from './conversation.js';
import { turnDetectionUpdate, withEventID } from './events.js';
import { Handover } from './handover.js';
import { explain, takenOver } from './plain-words.js';
import { makeReactions } from './reactions.js';
import { Replay } from './replay.js';
import { SessionState } from './session-state.js';
import { TurnTaking } from './turn-taking.js';
import { Typing } from './typing.js';

/**
 * @typedef {import('./types.js').StartOptions} StartOptions
 * @typedef {import('./types.js').RealtimeEvent} RealtimeEvent
 */

/**
 * A conversation by voice and text that goes on while connections come and go.
 *
 * One session at a time: `start` begins one, `end` ends it. Events, with their details: `change` of
 * anything below; `event` {isSent, event} for each of the protocol's and the broker's, but for the
 * pieces of the microphone's audio; `finished` once the broker knows of the end.
 */
export class RealtimeSession extends SessionState {
  /** @type {StartOptions['turnDetection']} */
  #mintedDetection;
  #typing;
  #devices;
  /** @type {TurnTaking} */
  #turns;
  #api;
  /**
   * Comes with the first start.
   *
   * @type {import('./lifeline.js').Lifeline|null}
   */
  #lifeline = null;
  /** @type {Record<string, (event: RealtimeEvent) => void>} */
  #reactions;
  /** What a start is worth that another one has overtaken. */
  #attempt = 0;
  #aftercare;
  #handover = new Handover();
  #replay = new Replay(() => this.#resumed());

  /** @param {{api: import('./types.js').BrokerAPI, storage?: import('./unsent.js').Store}} parts */
  constructor({ api, storage = new MemoryStorage() }) {
    super();
    this.#api = api;
    this.#aftercare = new Aftercare(api, storage);
    this.#typing = new Typing(storage, (event) => this.#send(event));
    this.#devices = new AudioDevices(
      (isPlaying) => this.become({ isPlaying }),
      (microphone, error) => void this.#microphoneChanged(microphone, error),
    );
    this.#turns = new TurnTaking({
      transport: () => this.#transport,
      microphone: () => this.#devices.microphone,
      hasActiveResponse: () => this.conversation.activeResponse !== null,
      send: (event) => this.#send(event),
      hint: (text) => this.note(text),
    });
    this.#reactions = makeReactions({
      turns: this.#turns,
      typing: this.#typing,
      conversation: () => this.conversation,
      functions: () => this.options.functions ?? {},
      hasOwnCallsOnly: () => this.transport === 'websocket',
      send: (event) => this.#send(event),
      note: (text) => this.note(text),
      missed: () => this.become({ conversation: interrupt(this.conversation) }),
      report: () => this.#report(),
    });
    addEventListener('storage', () => {
      this.#typing.refresh();
      this.become({});
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

  /** @returns {boolean} */
  get isUserSpeaking() {
    return this.#turns.isPressed || this.conversation.isUserSpeaking;
  }

  get isPressed() {
    return this.#turns.isPressed;
  }

  get hasMicrophone() {
    return this.#devices.microphone !== null;
  }

  /** `webrtc` or `websocket`; null while there is no connection. */
  get transport() {
    return this.phase === 'live' ? (this.#transport?.kind ?? null) : null;
  }

  /** When upstream's session ends and the next one has taken over; null where the broker sees to it. */
  get endsAtMs() {
    return this.#lifeline?.endsAtMs ?? null;
  }

  /** How loud the user is, from 0 to 1. */
  get inputLevel() {
    return this.#devices.level;
  }

  /** How loud the model is, from 0 to 1. */
  get outputLevel() {
    return this.isPlaying ? (this.#transport?.level ?? 0) : 0;
  }

  /** The texts that wait to be sent, by the ids of their items. */
  get unsent() {
    return this.#typing.entries;
  }

  /** Ends a running session, asks for the microphone, mints and connects. Call it in a gesture. */
  async start(/** @type {StartOptions} */ options = {}) {
    this.end();
    const attempt = (this.#attempt += 1);
    this.#begin(options);
    try {
      // What the last session left is there for the next one only once it has ended.
      const isWanted = () => attempt === this.#attempt;
      const opening = options.isTyped ? null : this.#devices.open(options.deviceID);
      const [lifeline] = await Promise.all([this.#loaded(), opening, this.#aftercare.ended]);
      if (isWanted()) await lifeline.open(options);
    } catch (error) {
      if (attempt === this.#attempt) this.#stop({ phase: 'error', problem: explain(error) });
    }
  }

  /**
   * Sends what the user typed; without a session, it waits for the next one, or for one that carries
   * on the same conversation. Answers false if full.
   */
  say(/** @type {string} */ text) {
    const current = this.session?.conversation_id ?? this.options.conversation_id ?? null;
    if (!this.#typing.add(text, this.isRunning ? current : null)) return false;
    this.#sendTyped();
    this.become({});
    return true;
  }

  /** Gives up a text that waits to be sent, by the id of its item. */
  discard(/** @type {string} */ id) {
    this.#typing.settled(id);
    this.become({});
  }

  /** Cuts the running answer short. */
  stopAnswer() {
    return this.#turns.stopAnswer();
  }

  setMuted(/** @type {boolean} */ isMuted) {
    this.become({ isMuted });
    this.#openEars();
  }

  /** Push to talk: the user begins to speak. */
  press() {
    if (this.phase !== 'live' || !this.#isPushToTalk || this.isMuted) return;
    this.#turns.press();
    this.become({});
  }

  /** Push to talk: the user has ended. */
  release() {
    this.#turns.release();
    this.become({});
  }

  /** Changes who ends the user's turns, also while talking. */
  setTurnDetection(/** @type {NonNullable<StartOptions['turnDetection']>} */ mode) {
    this.options = { ...this.options, turnDetection: mode };
    this.#tellTurnDetection(mode);
    this.#openEars();
    this.become({});
  }

  /** @param {NonNullable<StartOptions['turnDetection']>} mode */
  #tellTurnDetection(mode) {
    this.#send(turnDetectionUpdate(mode));
    const transport = this.#transport;
    if (transport) transport.sendsWhileOpenOnly = this.#isPushToTalk;
  }

  /** Listens to another microphone; empty for the default one. Where that fails, the old one stays. */
  async setMicrophone(/** @type {string} */ deviceID) {
    if (this.isRunning && !this.options.isTyped) {
      await this.#devices.change(deviceID);
      await this.#microphoneChanged(this.#devices.microphone);
    }
    this.options = { ...this.options, deviceID };
  }

  /** Ends the session here, upstream and at the broker. */
  end() {
    if (this.isRunning) this.#stop({ phase: 'idle' });
  }

  /** The page is going away: one request outlives it. */
  leave() {
    if (this.isRunning) this.#stop({ phase: 'idle' }, { isLeaving: true });
  }

  get #transport() {
    return this.#lifeline?.transport ?? null;
  }

  get #isPushToTalk() {
    return this.options.turnDetection === 'push_to_talk';
  }

  async #loaded() {
    const { Lifeline } = await import('./lifeline.js').catch(notLoaded);
    return (this.#lifeline ??= new Lifeline(this.#api, {
      player: () => this.#devices.player,
      microphone: () => this.#devices.microphone,
      isQuiet: () => this.state === 'listening' && !this.isUserSpeaking,
      minted: (session) => this.#minted(session),
      ready: (isResumed) => this.#ready(isResumed),
      received: (event) => this.#received(event),
      playing: (isPlaying) => this.become({ isPlaying }),
      renewing: () => void this.#handover.renewing(this.conversation),
      renewed: () => this.#handover.renewed(),
      lost: () => this.#lost(),
      ended: (text) => {
        this.#stop({ phase: 'idle' });
        this.note(text);
      },
      failed: (problem) =>
        this.#stop({ phase: 'error', problem }, { isElsewhere: problem === takenOver }),
    }));
  }

  /** @param {StartOptions} options */
  #begin(options) {
    this.#mintedDetection = options.turnDetection;
    const isSame = this.session && options.conversation_id === this.session.conversation_id;
    this.become({
      phase: 'connecting',
      options,
      problem: null,
      isMuted: false,
      ...(!isSame && { conversation: emptyConversation, notices: [], session: null }),
    });
    this.#openEars();
  }

  /** With push to talk, the microphone hears only while it is pressed. */
  #openEars() {
    this.#devices.setOpen(!this.isMuted && (!this.#isPushToTalk || this.isPressed));
  }

  /**
   * @param {import('../audio/microphone.js').Microphone|null} microphone
   * @param {unknown} [error]
   */
  async #microphoneChanged(microphone, error) {
    this.#openEars();
    await this.#transport?.listenTo(microphone);
    if (error) this.note(explain(error).message);
    this.become({});
  }

  /** @param {import('./types.js').MintedSession} minted */
  #minted({ client_secret: secret, ...session }) {
    this.#report();
    this.#handover.left(this.conversation);
    const conversation = carryOn(interrupt(this.conversation, this.#typing.ids));
    this.#typing.connectionLost();
    this.#turns.reset();
    this.become({ session, conversation });
  }

  /** @param {boolean} isResumed */
  #ready(isResumed) {
    this.become({ phase: 'live' });
    const { turnDetection } = this.options;
    // A session that carries on is as it was minted at first.
    if (turnDetection && turnDetection !== this.#mintedDetection) {
      this.#tellTurnDetection(turnDetection);
    }
    if (isResumed) return this.#replay.ready();
    // From now on, what is said in a call outlives the page, also where the broker never hears of it.
    this.#report();
    const { text, isAnswerOwed, retellings } = this.#handover.take(this.conversation);
    for (const event of retellings) this.#send(event);
    if (text) this.note(text);
    if (!this.#sendTyped() && isAnswerOwed) this.#turns.askForResponse();
  }

  #resumed() {
    this.#turns.resumed();
    this.#sendTyped();
    this.#turns.askAgain();
  }

  #lost() {
    this.#replay.lost();
    this.#typing.connectionLost();
    this.become({ phase: 'reconnecting' });
  }

  /**
   * @param {Partial<SessionState>} fields
   * @param {{isLeaving?: boolean, isElsewhere?: boolean}} [how]
   */
  #stop(fields, how = {}) {
    this.#attempt += 1;
    this.#handover.take(this.conversation);
    this.#lifeline?.close();
    this.#devices.close();
    this.#typing.connectionLost();
    this.become({
      ...fields,
      isPlaying: false,
      conversation: interrupt(this.conversation, this.#typing.ids),
    });
    const { session } = this;
    if (!session || how.isElsewhere) return;
    this.#aftercare.end(session, this.conversation, how).then(() =>
      this.dispatchEvent(new CustomEvent('finished', { detail: session })));
  }

  #report() {
    this.#aftercare.report(this.session, this.conversation);
  }

  /** @returns {boolean} whether there was something to send */
  #sendTyped() {
    const id = this.session?.conversation_id;
    if (this.phase !== 'live' || !this.#typing.isWaitingFor(id)) return false;
    if (this.state === 'speaking') this.#turns.stopAnswer();
    this.#typing.sendAll(id);
    this.#turns.askForResponse();
    return true;
  }

  /** @param {RealtimeEvent} event */
  #send(event) {
    const identified = withEventID(event);
    if (!this.#lifeline?.send(identified)) return false;
    this.take(true, identified);
    return true;
  }

  /** @param {RealtimeEvent} event */
  #received(event) {
    this.take(false, event);
    this.#reactions[event.type]?.(event);
    this.#replay.received(event);
  }
}
