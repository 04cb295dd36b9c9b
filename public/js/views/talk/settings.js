import { listMicrophones } from '../../audio/microphone.js';
import { openDialog } from '../dialog.js';
import { make } from '../dom.js';
import { VoiceList } from './voice-list.js';

const turns = [
  ['server_vad', 'When I pause'],
  ['semantic_vad', 'When I have finished my thought'],
  ['push_to_talk', 'When I let go of the button (push to talk)'],
];
const transports = [
  ['auto', 'The best that works'], ['webrtc', 'WebRTC'], ['websocket', 'Relay (WebSocket)'],
];
const AGENTS_SHOWN = 100;

/** How the user likes to talk: voice, turns, microphone, and what the model is told. */
export class SettingsDialog {
  #live;
  #api;
  #preferences;
  #voices;

  constructor(live, api, preferences) {
    this.#live = live;
    this.#api = api;
    this.#preferences = preferences;
    this.#voices = new VoiceList(api, preferences);
  }

  async open() {
    const [microphones, agents] = await Promise.all([
      listMicrophones(), this.#api.listAgents({ limit: AGENTS_SHOWN }).catch(() => ({ data: [] })),
    ]);
    const dialog = await openDialog(
      'Voice and settings',
      make('p', {
        className: 'muted',
        textContent: 'Turns and microphone change at once; the rest holds from the next session on.',
      }),
      this.#voices.element,
      this.#choice('turnDetection', 'It answers', turns, (mode) => this.#live.setTurnDetection(mode)),
      this.#choice('deviceID', 'Microphone', [
        ['', 'Default'], ...microphones.map(({ deviceId, label }) => [deviceId, label || 'Microphone']),
      ], (id) => this.#live.setMicrophone(id).catch(() => {})),
      this.#choice('agent_id', 'Agent', [['', 'None'], ...agents.data.map(({ id, name }) => [id, name])]),
      this.#choice('transport', 'Connection', transports),
      this.#text('greeting', 'Greeting', { placeholder: 'None', maxLength: 1_000 }),
      this.#text('instructions', 'Instructions', { placeholder: 'The broker’s default', rows: 3 }),
    );
    dialog.addEventListener('close', () => this.#voices.close());
  }

  /** `onChange(value)` is told of a change while a session goes on. */
  #choice(name, label, options, onChange = () => {}) {
    const select = make('select', { name });
    const current = this.#preferences.values[name] ?? '';
    for (const [value, text] of options) select.add(new Option(text, value, false, value === current));
    select.addEventListener('change', () => {
      this.#preferences.set(name, select.value);
      if (this.#live.isRunning) onChange(select.value);
    });
    return make('label', { textContent: label }, select);
  }

  #text(name, label, properties) {
    const tag = properties.rows ? 'textarea' : 'input';
    const value = this.#preferences.values[name] ?? '';
    const field = make(tag, { name, value, autocomplete: 'off', ...properties });
    field.addEventListener('change', () => this.#preferences.set(name, field.value.trim()));
    return make('label', { textContent: label }, field);
  }
}
