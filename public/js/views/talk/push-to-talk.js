/** The space bar and the orb, held while the user speaks. */
export class PushToTalk {
  #live;
  #closing;

  constructor(live, orb, signal) {
    this.#live = live;
    this.#closing = signal;
    this.#on(orb, 'pointerdown', (event) => this.#pressed(event, orb));
    this.#on(orb, 'pointerup', () => this.#release());
    this.#on(orb, 'pointercancel', () => this.#release());
    this.#on(orb, 'contextmenu', (event) => this.#isWanted && event.preventDefault());
    this.#on(document, 'keydown', (event) => this.#keyDown(event));
    this.#on(document, 'keyup', (event) => event.code === 'Space' && this.#release());
    // Whoever leaves the page while speaking will not be there to let go.
    this.#on(window, 'blur', () => this.#release());
  }

  close() {
    this.#release();
  }

  get #isWanted() {
    const { phase, options, hasMicrophone } = this.#live;
    return phase === 'live' && options.turnDetection === 'push_to_talk' && hasMicrophone;
  }

  #pressed(event, orb) {
    if (!this.#isWanted || event.button !== 0) return;
    orb.setPointerCapture(event.pointerId);
    this.#live.press();
  }

  #keyDown(event) {
    const isMeant = event.code === 'Space' && !event.repeat && !isTypedInto(event.target);
    if (event.code === 'Space' && this.#isWanted && !isTypedInto(event.target)) event.preventDefault();
    if (isMeant && this.#isWanted) this.#live.press();
  }

  #release() {
    if (this.#live.isPressed) this.#live.release();
  }

  #on(target, type, work) {
    target.addEventListener(type, work, { signal: this.#closing });
  }
}

/** Where the space bar already means something. */
const isTypedInto = (element) =>
  element.matches?.('input, textarea, select, summary, a, button:not(#orb), dialog *');
