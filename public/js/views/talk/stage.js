import { byID, make, setText } from '../dom.js';
import { describe, orbAction, spokenText } from './states.js';

/** The orb, what it does in words, and the buttons below it. */
export class StageView {
  #live;
  #starting;
  #announce;
  #frame = 0;
  #spoken;
  #shownProblem = null;

  constructor(live, { starting, announce }) {
    this.#live = live;
    this.#starting = starting;
    this.#announce = announce;
    this.#spoken = spokenText(live);
    byID('orb').addEventListener('click', () => this.#orbPressed());
    byID('toggle').addEventListener('click', () => this.#toggle());
    byID('continue').addEventListener('click', () => this.#continue());
    byID('mute').addEventListener('click', () => live.setMuted(!live.isMuted));
  }

  render() {
    const live = this.#live;
    const talk = byID('orb').closest('.talk');
    talk.dataset.state = live.state;
    talk.dataset.heard = live.isUserSpeaking;
    talk.dataset.compact = live.isRunning || live.conversation.order.length > 0;
    const { name, text } = describe(live);
    setText(byID('state'), name);
    setText(byID('state-text'), text);
    this.#renderButtons();
    this.#renderProblem(live.problem);
    this.#speak(spokenText(live));
    if (live.phase === 'live' && this.#frame === 0) this.#animate();
  }

  close() {
    cancelAnimationFrame(this.#frame);
  }

  #speak(text) {
    if (text !== this.#spoken && text !== '') this.#announce(text);
    this.#spoken = text;
  }

  #renderButtons() {
    const live = this.#live;
    byID('orb').setAttribute('aria-label', orbAction(live));
    setText(byID('toggle'), live.isRunning ? 'End' : 'Start talking');
    byID('toggle').classList.toggle('ending', live.isRunning);
    const mute = byID('mute');
    mute.disabled = !live.hasMicrophone;
    mute.setAttribute('aria-pressed', live.isMuted);
    mute.setAttribute('aria-label', 'Mute the microphone');
    mute.title = live.isMuted ? 'Unmute' : 'Mute';
    byID('continue').hidden = live.isRunning || !this.#starting.carriedOn.conversation_id;
    byID('transport').hidden = live.transport === null;
    setText(byID('transport'), live.transport === 'webrtc' ? 'WebRTC' : 'Relay');
  }

  #renderProblem(problem) {
    if (problem === this.#shownProblem) return;
    this.#shownProblem = problem;
    byID('problem').replaceChildren(...(problem ? this.#problemParts(problem) : []));
  }

  #problemParts({ message }) {
    const again = make('button', { type: 'button', textContent: 'Try again' });
    again.addEventListener('click', () => this.#again());
    const type = make('button', { type: 'button', className: 'quiet', textContent: 'Type instead' });
    type.addEventListener('click', () => this.#again({ isTyped: true }));
    return [make('p', { textContent: message }), make('p', {}, again, type)];
  }

  #again(options = {}) {
    this.#starting.again(options);
    // What was pressed goes away.
    byID(options.isTyped ? 'text' : 'toggle').focus();
  }

  #continue() {
    this.#starting.start(this.#starting.carriedOn);
    byID('toggle').focus();
  }

  #toggle() {
    if (this.#live.isRunning) this.#live.end();
    else this.#starting.start();
  }

  #orbPressed() {
    const live = this.#live;
    if (!live.isRunning) return void this.#starting.start();
    // What has come already is still heard while the connection is lost.
    if (live.phase === 'reconnecting' && live.isPlaying) return void live.stopAnswer();
    const isHeld = live.options.turnDetection === 'push_to_talk' && live.hasMicrophone;
    if (live.phase !== 'live' || isHeld) return;
    if (live.state === 'speaking') live.stopAnswer();
    else if (live.hasMicrophone) live.setMuted(!live.isMuted);
  }

  /** Levels are drawn while there is a session, by styles alone: nothing else moves. */
  #animate() {
    const orb = byID('orb');
    const live = this.#live;
    if (!orb || live.phase !== 'live') {
      this.#frame = 0;
      return;
    }
    const level = live.isPlaying ? live.outputLevel : live.inputLevel;
    orb.style.setProperty('--level', level.toFixed(2));
    byID('level').style.setProperty('--level', live.inputLevel.toFixed(2));
    this.#frame = requestAnimationFrame(() => this.#animate());
  }
}
