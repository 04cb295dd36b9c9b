// What a schema says, in words: its type, its bounds, its fields. References are resolved.

/**
 * @typedef {object} Described
 * @property {string} type in words
 * @property {string} description
 * @property {string[]} notes bounds, defaults and the like, in Markdown
 * @property {(Described & {name: string, isRequired: boolean})[]} fields of an object, or of an
 * array's objects
 * @property {(Described & {name: string})[]} forms, where there are several
 */

/** Reads the schemas of one document. */
export class SchemaReader {
  #resolve;

  /** @param {(reference: string) => any} resolve */
  constructor(resolve) {
    this.#resolve = resolve;
  }

  /**
   * @param {any} schema
   * @param {string[]} [above] the schemas that this one is within, so that none goes on for ever
   * @returns {Described}
   */
  read(schema, above = []) {
    const flat = this.#flat(schema);
    const described = {
      type: this.#type(flat), description: flat.description ?? '', notes: this.#notes(flat),
    };
    if (above.includes(flat.name)) return { ...described, fields: [], forms: [] };
    const within = flat.name ? [...above, flat.name] : above;
    const items = flat.items && this.read(flat.items, within);
    return {
      ...described,
      fields: items ? items.fields : this.#fields(flat, within),
      forms: items ? items.forms : this.#forms(flat, within),
    };
  }

  #fields({ properties = {}, required = [] }, within) {
    return Object.entries(properties).map(([name, property]) =>
      ({ name, isRequired: required.includes(name), ...this.read(property, within) }));
  }

  #forms(flat, within) {
    const forms = optionsOf(flat).filter(isForm);
    const described = forms.map((form) =>
      ({ name: this.#flat(form).name ?? '', ...this.read(form, within) }));
    // What has no fields is told by its type already.
    return described.some(({ fields }) => fields.length > 0) ? described : [];
  }

  /** Without references, parts and the choice of null: all that it says in one object. */
  #flat(schema) {
    const { $ref, allOf, ...own } = schema;
    const parts = [...(allOf ?? [])].map((part) => this.#flat(part));
    const named = $ref && { ...this.#flat(this.#resolve($ref)), name: nameOf($ref) };
    const flat = [named ?? {}, ...parts, own].reduce(merged, {});
    const options = optionsOf(flat);
    const others = options.filter(({ type }) => type !== 'null');
    if (options.length < 2 || others.length !== 1) return flat;
    const { oneOf, anyOf, ...rest } = flat;
    return { ...merged(this.#flat(others[0]), rest), isNullable: true };
  }

  #type(flat) {
    const types = [flat.type ?? []].flat().filter((type) => type !== 'null');
    const hasNull = flat.isNullable || [flat.type ?? []].flat().includes('null');
    const forms = optionsOf(flat).filter(isForm);
    const names = forms.length > 0
      ? forms.map((form) => this.#type(this.#flat(form)))
      : types.map((type) => (type === 'array' ? this.#arrayType(flat) : type));
    const known = names.length > 0 ? names : [implied(flat)];
    return [...new Set([...known, ...(hasNull ? ['null'] : [])])].join(' or ');
  }

  #arrayType({ items }) {
    return items ? `array of ${this.#type(this.#flat(items))}` : 'array';
  }

  #notes(flat) {
    const { enum: values, const: constant, default: usual, pattern, format, additionalProperties: more } = flat;
    return [
      constant !== undefined && `always ${code(constant)}`,
      values && `one of ${values.filter((value) => value !== null).map(code).join(', ')}`,
      bounds(flat.minLength, flat.maxLength, ' characters'),
      bounds(flat.minimum, flat.maximum),
      bounds(flat.minItems, flat.maxItems, ' items'),
      usual !== undefined && `default ${code(usual)}`,
      pattern && `pattern ${code(pattern)}`,
      format && `format ${code(format)}`,
      more === true && 'further fields may be there',
      typeof more === 'object' && `any names, each with: ${this.#type(this.#flat(more))}`,
      needs(optionsOf(flat).filter((option) => !isForm(option))),
    ].filter(Boolean);
  }
}

const nameOf = (reference) => reference.slice(reference.lastIndexOf('/') + 1);

const optionsOf = ({ oneOf, anyOf }) => oneOf ?? anyOf ?? [];

/** Others only say what must come together. */
const isForm = ({ type, $ref, allOf, oneOf, anyOf }) =>
  type !== 'null' && Boolean(type ?? $ref ?? allOf ?? oneOf ?? anyOf);

const merged = (one, other) => ({
  ...one,
  ...other,
  ...((one.properties || other.properties) && { properties: { ...one.properties, ...other.properties } }),
  ...((one.required || other.required) && { required: [...(one.required ?? []), ...(other.required ?? [])] }),
});

/** Where no type stands. */
function implied({ properties, const: constant, enum: values }) {
  if (properties) return 'object';
  const value = constant ?? values?.[0];
  return value === undefined ? 'anything' : typeof value;
}

const code = (value) => `\`${typeof value === 'string' ? value : JSON.stringify(value)}\``;

function bounds(least, most, unit = '') {
  const [low, high] = [least, most].map((bound) => bound?.toLocaleString('en'));
  if (low === undefined && high === undefined) return '';
  if (low === high) return `exactly ${low}${unit}`;
  if (high === undefined) return `at least ${low}${unit}`;
  return low === undefined ? `at most ${high}${unit}` : `${low} to ${high}${unit}`;
}

function needs(options) {
  const sets = options.map(({ required = [] }) => required.map(code).join(' with '));
  return sets.some(Boolean) && `needs ${sets.filter(Boolean).join(', or ')}`;
}
