import { listMicrophones } from '../../audio/microphone.js';
import { goLive } from '../../broadcasts/on-air.js';
import { counted } from '../counted.js';
import { make, setText } from '../dom.js';

const words = {
  off: ['Not live', 'Nobody hears you.'],
  asking: ['May we hear you?', 'Your browser asks for the microphone.'],
  connecting: ['Connecting', 'One moment …'],
  live: ['You are live', 'Speak. What you say is shown to those who listen.'],
  reconnecting: [
    'Reconnecting',
    'Go on speaking: the last 10 seconds wait until the connection is back.',
  ],
};
const reasons = {
  ended: ['Ending', 'The last words are still being written down.'],
  idle: ['Silent for long', 'Nothing was heard for a long time. Go live again whenever you like.'],
  replaced: ['Taken over', 'Somebody speaks elsewhere now: another window, or another device.'],
};

/** Going live and stopping, the microphone, and how loud it is. */
export class Stage {
  element = make('section', { className: 'card stage-card' });
  #speaker;
  #frame = 0;
  #signal;
  /** Names of microphones are known only once one may be used. */
  #listedIn = '';
  #light = make('div', { className: 'on-air' });
  #name = make('p', { className: 'stage-name' });
  #text = make('p', { className: 'muted' });
  #problem = make('div', { className: 'stage-problem' });
  #toggle = make('button', { type: 'button', className: 'pill' });
  #devices = make('select', { id: 'microphone' }, new Option('Default microphone', ''));
  #meter = make('div', { className: 'meter' }, make('i'));

  constructor(speaker, { signal, onEnd }) {
    this.#speaker = speaker;
    this.#signal = signal;
    this.element.setAttribute('aria-label', 'Speaking');
    const doing = make('div', { className: 'stage-doing' }, this.#name, this.#text);
    doing.setAttribute('role', 'status');
    this.#problem.setAttribute('role', 'alert');
    this.#meter.setAttribute('aria-hidden', 'true');
    this.#light.setAttribute('aria-hidden', 'true');
    const label = make('label', { htmlFor: 'microphone', textContent: 'Microphone' });
    const device = make('div', { className: 'stage-device' }, label, this.#devices, this.#meter);
    const end = make('button', { type: 'button', className: 'quiet danger' }, 'End broadcast');
    end.addEventListener('click', onEnd);
    this.element.append(this.#light, doing, this.#problem, this.#toggle, device, end);
    this.#toggle.addEventListener('click', () => this.#press());
    this.#devices.addEventListener('change', async () => {
      await speaker.setMicrophone(this.#devices.value);
      this.#list();
    });
    navigator.mediaDevices?.addEventListener('devicechange', () => this.#list(), { signal });
    signal.addEventListener('abort', () => cancelAnimationFrame(this.#frame));
    this.#list();
  }

  render({ state, reason, problem, lostMs, isOn }) {
    const [name, text] = (!isOn && reasons[reason]) || words[state];
    this.element.dataset.state = state;
    setText(this.#name, name);
    setText(this.#text, text);
    setText(this.#toggle, isOn ? 'Stop speaking' : reason === 'replaced' ? 'Speak here' : 'Go live');
    this.#toggle.classList.toggle('primary', !isOn);
    this.#toggle.disabled = !isOn && reason === 'ended';
    setText(this.#problem, problem?.message ?? lostText(lostMs));
    this.#problem.dataset.kind = problem ? 'problem' : 'lost';
    if (isOn && this.#frame === 0) this.#animate();
    if (state !== this.#listedIn) this.#list();
    this.#listedIn = state;
  }

  #press() {
    if (this.#speaker.isOn) this.#speaker.stop();
    else goLive(this.#speaker, this.#devices.value);
  }

  async #list() {
    const devices = await listMicrophones().catch(() => []);
    if (this.#signal.aborted) return;
    const chosen = this.#speaker.deviceID || this.#devices.value;
    const named = devices.filter(({ label, deviceId }) => label && deviceId !== 'default');
    const options = named.map(({ deviceId, label }) => new Option(label, deviceId));
    this.#devices.replaceChildren(new Option('Default microphone', ''), ...options);
    this.#devices.value = chosen;
    if (this.#devices.selectedIndex < 0) this.#devices.value = '';
  }

  /** Levels are drawn while one speaks, by styles alone: nothing else moves. */
  #animate() {
    this.element.style.setProperty('--level', this.#speaker.level.toFixed(2));
    const go = () => this.#animate();
    this.#frame = this.#speaker.isOn && !this.#signal.aborted ? requestAnimationFrame(go) : 0;
  }
}

const lostText = (ms) =>
  ms >= 500 ? `About ${counted(Math.round(ms / 1_000) || 1, 'second')} of what you said got lost `
    + 'while the connection was gone. Say it again if it matters.' : '';
