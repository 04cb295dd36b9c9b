import { Player } from '../../audio/player.js';
import { RelaySocket } from '../../realtime/relay-socket.js';

const LONGEST_MS = 15_000;

/** Lets a voice introduce itself, in a session of its own that leaves nothing behind. */
export class VoicePreview {
  #api;
  /** @type {Player|null} */
  #player = null;
  #stop = () => {};

  constructor(api) {
    this.#api = api;
  }

  /** Resolves when the voice has finished, or another one begins. */
  async play(voice) {
    this.#stop();
    this.#player ??= new Player((isPlaying) => isPlaying || this.#stop());
    await this.#player.open();
    const session = await this.#api.startSession({
      transport: 'websocket',
      voice,
      greeting: `Hello! I am ${voice}. This is how I sound.`,
      context: { enabled: false },
    });
    try {
      await this.#listen(session);
    } finally {
      await this.#forget(session);
    }
  }

  close() {
    this.#stop();
    this.#player?.close();
  }

  #listen(session) {
    return new Promise((resolve, reject) => {
      const socket = new RelaySocket(this.#player, {
        onEvent: ({ type, error }) => type === 'error' && reject(new Error(error.message)),
        onClose: resolve,
        onPlaying: () => {},
      });
      const timer = setTimeout(() => this.#stop(), LONGEST_MS);
      this.#stop = () => {
        this.#stop = () => {};
        clearTimeout(timer);
        this.#player.clear();
        socket.close();
        resolve();
      };
      socket.connect(session).catch(reject);
    });
  }

  async #forget({ id, conversation_id: conversation }) {
    // Should one of these fail, an empty session is left; that is no reason to complain.
    await this.#api.endSession(id).catch(() => {});
    await this.#api.deleteConversation(conversation).catch(() => {});
  }
}
