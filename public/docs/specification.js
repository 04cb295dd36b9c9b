// An OpenAPI document as this page shows it: operations in groups, with every reference resolved.

import { SchemaReader } from './schema.js';

const METHODS = ['get', 'post', 'put', 'patch', 'delete'];

/**
 * @param {any} document
 * @returns {{name: string, description: string, operations: any[]}[]} the tags, in their order
 */
export function groupsOf(document) {
  const reader = new OperationReader(document);
  const operations = Object.entries(document.paths).flatMap(([path, item]) =>
    METHODS.filter((method) => item[method]).map((method) => reader.read(method, path, item)));
  return document.tags
    .map(({ name, description = '' }) =>
      ({ name, description, operations: operations.filter(({ tag }) => tag === name) }))
    .filter(({ operations: some }) => some.length > 0);
}

/**
 * Whether an operation has all of the words in its text.
 *
 * @param {{searchText: string}} operation
 * @param {string} words
 */
export const fits = ({ searchText }, words) =>
  words.toLowerCase().split(/\s+/).every((word) => searchText.includes(word));

class OperationReader {
  #document;
  #schemas;

  constructor(document) {
    this.#document = document;
    this.#schemas = new SchemaReader((reference) => this.#resolve(reference));
  }

  read(method, path, item) {
    const { operationId: id, tags, summary, description = '', security, requestBody } = item[method];
    const parameters = [...(item.parameters ?? []), ...(item[method].parameters ?? [])];
    const body = requestBody && this.#target(requestBody);
    const operation = {
      id, method, path, summary, description,
      tag: tags[0],
      needsNoCredentials: security?.length === 0 || (security?.length === 1 && isEmpty(security[0])),
      parameters: parameters.map((parameter) => this.#parameter(parameter)),
      body: body && {
        isRequired: body.required === true,
        description: body.description ?? '',
        contents: this.#contents(body.content),
      },
      responses: Object.entries(item[method].responses).map(([status, response]) =>
        this.#response(status, this.#target(response))),
    };
    return { ...operation, searchText: searchText(operation) };
  }

  #parameter(parameter) {
    const { name, in: place, required = false, description, schema, example } = this.#target(parameter);
    const read = this.#schemas.read(schema);
    const notes = [...read.notes, ...(example === undefined ? [] : [`for example \`${example}\``])];
    return { ...read, name, place, notes, isRequired: required, description: description ?? read.description };
  }

  #response(status, { description = '', headers = {}, content = {} }) {
    const names = Object.entries(headers).map(([name, header]) => {
      const { description: text, schema = {}, required = false } = this.#target(header);
      return { ...this.#schemas.read(schema), name, isRequired: required, description: text ?? '' };
    });
    return { status, description, headers: names, contents: this.#contents(content) };
  }

  #contents(content) {
    return Object.entries(content).map(([type, { schema = {}, example, examples = {} }]) => ({
      type,
      schema: this.#schemas.read(schema),
      examples: [
        ...(example === undefined ? [] : [{ title: 'Example', value: example }]),
        ...Object.values(examples).map((one) => this.#target(one))
          .map(({ summary = 'Example', value }) => ({ title: summary, value })),
      ],
    }));
  }

  /** What is meant, where it is only referred to. */
  #target(node) {
    return node.$ref ? this.#target(this.#resolve(node.$ref)) : node;
  }

  /** A reference such as `#/components/schemas/Error`. */
  #resolve(reference) {
    const path = reference.replace(/^#\//, '').split('/');
    const names = path.map((name) => name.replaceAll('~1', '/').replaceAll('~0', '~'));
    const found = names.reduce((node, name) => node?.[name], this.#document);
    if (found === undefined) throw new Error(`There is no ${reference}`);
    return found;
  }
}

const isEmpty = (object) => Object.keys(object).length === 0;

function searchText({ id, method, path, tag, summary, description, parameters, body }) {
  const contents = (body?.contents ?? []).flatMap(({ type, schema }) => [type, ...texts([schema])]);
  return [id, method, path, tag, summary, description, ...texts(parameters), ...contents]
    .join(' ').toLowerCase();
}

const texts = (fields) => fields.flatMap(({ name = '', description, fields: own, forms }) =>
  [name, description, ...texts(own), ...texts(forms)]);
