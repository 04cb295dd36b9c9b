import { make } from '../js/views/dom.js';
import { inline, prose } from './text.js';

/** Fields, parameters or headers, each with what it may hold; what is within one is folded. */
export const fieldList = (fields) =>
  make('ul', { className: 'fields' }, ...fields.map((field) => make('li', {}, ...parts(field))));

/** What a whole body is: its fields, and its forms where there are several. */
export function schemaParts({ type, description, notes, fields, forms }) {
  const isPlain = fields.length === 0 && forms.length === 0;
  return [
    ...prose(description),
    ...(isPlain ? [make('p', { className: 'muted' }, type, ...noteParts(notes, ' · '))] : []),
    ...(fields.length > 0 ? [fieldList(fields)] : []),
    ...forms.map(formFold),
  ];
}

function parts({ name, place, type, isRequired, description, notes, fields, forms }) {
  const head = make(
    'p',
    { className: 'field-head' },
    make('code', { className: 'name', textContent: name }),
    ' ',
    make('span', { className: 'muted', textContent: place ? `${type}, ${place}` : type }),
    isRequired ? make('strong', { className: 'required', textContent: ' required' }) : null,
  );
  return [
    head,
    ...prose(description),
    ...(notes.length > 0 ? [make('p', { className: 'muted' }, ...noteParts(notes))] : []),
    ...(fields.length > 0 ? [fold(`Fields of ${name}`, () => [fieldList(fields)])] : []),
    ...forms.map(formFold),
  ];
}

const noteParts = (notes, before = '') =>
  notes.length > 0 ? [before, ...inline(notes.join(' · '))] : [];

const formFold = (form, index) =>
  fold(`Form ${index + 1}: ${form.name || form.type}`, () => schemaParts(form));

/** What is folded is made when it is opened. */
function fold(title, makeParts) {
  const element = make('details', { className: 'fold' }, make('summary', { textContent: title }));
  element.addEventListener('toggle', () => element.append(...makeParts()), { once: true });
  return element;
}
