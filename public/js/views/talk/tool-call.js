import { make, setText } from '../dom.js';

/** A tool that the model used, folded: its arguments, and what came back. */
export class ToolCallView {
  #name = make('strong');
  #state = make('span', { className: 'muted' });
  #arguments = make('pre');
  #output = make('pre');
  element = make(
    'li',
    { className: 'turn', data: { role: 'tool' } },
    make(
      'details',
      { className: 'call' },
      make('summary', {}, make('span', { textContent: 'Used ' }), this.#name, this.#state),
      this.#arguments,
      this.#output,
    ),
  );

  #shown = [];

  show(call, output) {
    if (this.#shown[0] === call && this.#shown[1] === output) return;
    this.#shown = [call, output];
    const { name, text } = call;
    setText(this.#name, name ?? 'a tool');
    setText(this.#state, output ? '' : 'waiting …');
    setText(this.#arguments, pretty(text));
    setText(this.#output, output ? pretty(output.text) : '');
    this.#output.hidden = !output;
  }
}

/** JSON in lines; what is none, as it is. */
function pretty(text) {
  try {
    return JSON.stringify(JSON.parse(text), null, 2);
  } catch {
    return text;
  }
}
