import { make } from '../js/views/dom.js';
import { fieldList, schemaParts } from './fields.js';
import { inline, prose } from './text.js';

/** One operation: a line that opens to all that there is to know. */
export class OperationView {
  element;
  #operation;
  #summary;
  #isFilled = false;

  constructor(operation) {
    const { id, method, path, summary } = operation;
    this.#operation = operation;
    this.#summary = make(
      'summary',
      {},
      make('span', { className: 'method', textContent: method.toUpperCase(), data: { method } }),
      make('code', { className: 'path' }, ...breakable(path)),
      make('h3', { textContent: summary }),
    );
    this.element = make('details', { id, className: 'operation' }, this.#summary);
    this.element.addEventListener('toggle', () => this.#toggled());
  }

  get operation() {
    return this.#operation;
  }

  set isOpen(isOpen) {
    if (isOpen) this.#fill();
    this.element.open = isOpen;
  }

  /** Shows it to who came for it. */
  reveal() {
    this.isOpen = true;
    this.#summary.focus({ preventScroll: true });
    this.element.scrollIntoView();
  }

  /** Who opens one has its address in the window's. */
  #toggled() {
    if (!this.element.open) return;
    this.#fill();
    if (this.element.contains(document.activeElement)) {
      history.replaceState(null, '', `#${this.#operation.id}`);
    }
  }

  /** Made when it is first opened: there are many. */
  #fill() {
    if (this.#isFilled) return;
    this.#isFilled = true;
    this.element.append(make('div', { className: 'inside' }, ...this.#parts()));
  }

  #parts() {
    const { id, description, needsNoCredentials, parameters, body, responses } = this.#operation;
    const link = make('a', { href: `#${id}` }, make('code', { textContent: id }));
    const access = needsNoCredentials ? ' · no credentials needed' : '';
    return [
      ...prose(description),
      make('p', { className: 'muted' }, 'Address of this: ', link, access),
      ...(parameters.length > 0 ? [heading('Parameters'), fieldList(parameters)] : []),
      ...(body ? bodyParts(body) : []),
      heading('Responses'),
      ...responses.map(response),
    ];
  }
}

/** A long path goes on in the next line behind a slash. */
const breakable = (path) => path.split(/(?=\/)/).flatMap((part) => [make('wbr'), part]);

const heading = (textContent) => make('h4', { textContent });

function bodyParts({ isRequired, description, contents }) {
  const title = isRequired ? 'Request body' : 'Request body (may be left out)';
  return [heading(title), ...prose(description), ...contents.flatMap(contentParts)];
}

const contentParts = ({ type, schema, examples }) => [
  make('p', { className: 'content-type' }, make('code', { textContent: type })),
  ...schemaParts(schema),
  ...examples.map(example),
];

function response({ status, description, headers, contents }) {
  const kind = status.slice(0, 1);
  const code = make('code', { className: 'status', textContent: status, data: { kind } });
  const summary = make('summary', {}, code, make('span', {}, ...inline(description)));
  const element = make('details', { className: 'fold response' }, summary);
  element.addEventListener('toggle', () => element.append(
    ...contents.flatMap(contentParts),
    ...(headers.length > 0 ? [make('h5', { textContent: 'Headers' }), fieldList(headers)] : []),
  ), { once: true });
  return element;
}

function example({ title, value }) {
  const text = typeof value === 'string' ? value : JSON.stringify(value, null, 2);
  const code = make('pre', { textContent: text, tabIndex: 0, ariaLabel: title });
  code.setAttribute('role', 'group');
  return make('figure', {}, make('figcaption', { className: 'muted', textContent: title }), code);
}
