import { getCode, renewToken } from '../../broadcasts/api.js';
import { keepToken, keptToken, listenAddress } from '../../broadcasts/invitation.js';
import { make } from '../dom.js';
import { confirmed } from '../dialog.js';

const COPIED_MS = 1_500;

/** What to give to listeners: a link, and the same as a QR code. */
export class InviteCard {
  element = make('section', { className: 'card invite' });
  #broadcast;
  #signal;
  #body = make('div', { className: 'invite-body' });
  #problem = make('p', { className: 'field-problem' });

  constructor(broadcast, signal) {
    this.#broadcast = broadcast;
    this.#signal = signal;
    const heading = make('h2', { id: 'invite-title', textContent: 'Invite listeners' });
    this.element.setAttribute('aria-labelledby', heading.id);
    this.#problem.setAttribute('role', 'alert');
    const bar = make('div', { className: 'bar' }, heading);
    this.element.append(bar, this.#body, this.#problem);
    this.#render();
  }

  get #needsToken() {
    return this.#broadcast.access === 'token';
  }

  #render() {
    const token = this.#needsToken ? keptToken(this.#broadcast.id) : '';
    if (this.#needsToken && !token) this.#body.replaceChildren(...this.#forgotten());
    else this.#body.replaceChildren(this.#code(token), this.#link(token));
  }

  #forgotten() {
    const text = 'The secret part of the link was shown once, in the window in which the broadcast '
      + 'was made. Make a new link to see one; the former one stops working.';
    return [make('p', { className: 'muted', textContent: text }), this.#renewButton()];
  }

  #link(token) {
    const address = listenAddress(this.#broadcast, token);
    const field = make('input', { id: 'listen-link', readOnly: true, value: address });
    field.addEventListener('focus', () => field.select());
    const label = make('label', { htmlFor: field.id, textContent: 'Link for listeners' });
    const open = make('a', { className: 'button', href: address, textContent: 'Open' });
    Object.assign(open, { target: '_blank', rel: 'noopener' });
    const actions = make('div', { className: 'actions' }, this.#copyButton(field), open);
    if (this.#needsToken) actions.append(this.#renewButton());
    return make('div', { className: 'invite-link' }, label, field, actions);
  }

  #copyButton(field) {
    const button = make('button', { type: 'button', textContent: 'Copy link' });
    button.addEventListener('click', async () => {
      try {
        await navigator.clipboard.writeText(field.value);
        button.textContent = 'Copied';
        setTimeout(() => (button.textContent = 'Copy link'), COPIED_MS);
      } catch {
        // The browser forbids it: it is marked, to be copied by hand.
        field.focus();
      }
    });
    return button;
  }

  /** It comes as text, and is shown as an image from here: an address would have to carry the token. */
  #code(token) {
    const image = make('img', { className: 'code-image', width: 176, height: 176 });
    image.alt = 'QR code of the link for listeners';
    this.#showCode(image, token);
    return image;
  }

  async #showCode(image, token) {
    try {
      const svg = await getCode(this.#broadcast.id, { token, signal: this.#signal });
      image.src = `data:image/svg+xml,${encodeURIComponent(svg)}`;
    } catch {
      // The link says the same.
      image.hidden = true;
    }
  }

  #renewButton() {
    const button = make('button', { type: 'button', className: 'quiet', textContent: 'New link' });
    button.addEventListener('click', () => this.#renew());
    return button;
  }

  async #renew() {
    const isWanted = await confirmed({
      title: 'Make a new link?',
      text: 'The former link stops working at once. Those who listen now stay.',
      action: 'Make a new link',
    });
    if (!isWanted) return;
    this.#problem.textContent = '';
    try {
      const { listen_token: token } = await renewToken(this.#broadcast.id);
      keepToken(this.#broadcast.id, token);
      this.#render();
    } catch (error) {
      this.#problem.textContent = `There is no new link. ${error.message}.`;
    }
  }
}
