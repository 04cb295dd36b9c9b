import { listMicrophones } from '../../audio/microphone.js';
import { openDialog } from '../dialog.js';
import { make, setText } from '../dom.js';
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
const NOTE = 'Turns and microphone change at once; the rest holds from the next session on. An agent has its '
  + 'own voice, greeting and instructions.';

/** How the user likes to talk: voice, turns, microphone, and what the model is told. */
export class SettingsDialog {
  #live;
  #api;
  #preferences;
  #voices;
  #problem = make('p', { className: 'problem', role: 'alert' });

  constructor(live, api, preferences) {
    this.#live = live;
    this.#api = api;
    this.#preferences = preferences;
    this.#voices = new VoiceList(api, preferences);
  }

  async open() {
    const microphone = this.#choice('deviceID', 'Microphone', [['', 'Default']], (id, before) =>
      this.#useMicrophone(id, before, microphone.control));
    const agent = this.#choice('agent_id', 'Agent', [['', 'None']]);
    this.#offerMicrophones(microphone.control);
    this.#offerAgents(agent.control);
    const dialog = await openDialog(
      'Voice and settings',
      make('p', { className: 'muted', textContent: NOTE }),
      this.#voices.element,
      this.#choice('turnDetection', 'It answers', turns, (mode) => this.#live.setTurnDetection(mode)),
      microphone,
      this.#problem,
      agent,
      this.#choice('transport', 'Connection', transports),
      this.#text('greeting', 'Greeting', { placeholder: 'None', maxLength: 1_000 }),
      this.#text('instructions', 'Instructions', { placeholder: 'The broker’s default', rows: 3 }),
    );
    dialog.addEventListener('close', () => this.#voices.close());
  }

  async #offerMicrophones(select) {
    const found = await listMicrophones().catch(() => []);
    const named = found.map(({ deviceId, label }) => [deviceId, label || 'Microphone']);
    this.#offer(select, named, 'Not plugged in');
  }

  async #offerAgents(select) {
    const { data, has_more: isMore } = await this.#api.listAgents({ limit: AGENTS_SHOWN })
      .catch(() => ({ data: [], has_more: true }));
    const missing = isMore ? 'The chosen agent' : 'Deleted agent';
    this.#offer(select, data.map(({ id, name }) => [id, name]), missing);
  }

  /** What was chosen before is there, too, even if it is gone: else it could not be unchosen. */
  #offer(select, options, missing) {
    const chosen = this.#preferences.values[select.name] ?? '';
    for (const [value, text] of options) select.add(new Option(text, value));
    select.value = chosen;
    if (select.value === chosen) return;
    select.add(new Option(missing, chosen));
    select.value = chosen;
  }

  /** One that cannot be used does not take the place of the one that is. */
  async #useMicrophone(id, before, select) {
    setText(this.#problem, '');
    try {
      await this.#live.setMicrophone(id);
    } catch (error) {
      setText(this.#problem, error.message);
      select.value = before;
      this.#preferences.set('deviceID', before);
    }
  }

  /** `onChange(value, before)` is told of a change while a session goes on. */
  #choice(name, label, options, onChange = () => {}) {
    const select = make('select', { name });
    const current = this.#preferences.values[name] ?? '';
    for (const [value, text] of options) select.add(new Option(text, value, false, value === current));
    select.addEventListener('change', () => {
      const before = this.#preferences.values[name] ?? '';
      this.#preferences.set(name, select.value);
      if (this.#live.isRunning) onChange(select.value, before);
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
