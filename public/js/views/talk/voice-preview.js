import { Player } from '../../audio/player.js';
import { RelaySocket } from '../../realtime/relay-socket.js';

const LONGEST_MS = 15_000;

/** Lets a voice introduce itself, in a session of its own that leaves nothing behind. */
export class VoicePreview {
  #api;
  /** @type {Player|null} */
  #player = null;
  /** Of the voice that was asked for last. */
  #playing = new AbortController();
  /** Of the voice that sounds. */
  #sounding = null;

  constructor(api) {
    this.#api = api;
  }

  /** Resolves when the voice has finished, or another one is to be heard. */
  async play(voice) {
    this.#playing.abort();
    this.#playing = new AbortController();
    const { signal } = this.#playing;
    this.#player ??= new Player((isPlaying) => this.#sounds(isPlaying));
    await this.#player.open();
    if (signal.aborted) return;
    const session = await this.#api.startSession({
      transport: 'websocket',
      voice,
      greeting: `Hello! I am ${voice}. This is how I sound.`,
      context: { enabled: false },
    });
    try {
      if (!signal.aborted) await this.#listen(session, signal);
    } finally {
      await this.#forget(session);
    }
  }

  close() {
    this.#playing.abort();
    this.#player?.close();
  }

  /** The voice that falls silent has finished, which may not be the one that was asked for since. */
  #sounds(isPlaying) {
    if (isPlaying) this.#sounding = this.#playing;
    else this.#sounding?.abort();
  }

  async #listen(session, signal) {
    const playing = this.#playing;
    const timer = setTimeout(() => playing.abort(), LONGEST_MS);
    let socket;
    try {
      await new Promise((resolve, reject) => {
        signal.addEventListener('abort', resolve);
        socket = new RelaySocket(this.#player, {
          onEvent: ({ type, error }) => type === 'error' && reject(new Error(error.message)),
          onClose: resolve,
          onPlaying: () => {},
        });
        socket.connect(session).catch(reject);
      });
    } finally {
      clearTimeout(timer);
      this.#player.clear();
      socket.close();
    }
  }

  async #forget({ id, conversation_id: conversation }) {
    // Should one of these fail, an empty session is left; that is no reason to complain.
    await this.#api.endSession(id).catch(() => {});
    await this.#api.deleteConversation(conversation).catch(() => {});
  }
}
