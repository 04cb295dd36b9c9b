// The API, readable: /openapi.json as a page.

import { byID, make } from '../js/views/dom.js';
import { OperationView } from './operation.js';
import { fits, groupsOf } from './specification.js';
import { inline, prose } from './text.js';

const page = byID('page');
/** Every operation, by its id. */
const views = new Map();
const count = make('p', { className: 'muted count' });
count.setAttribute('role', 'status');

byID('filter').addEventListener('submit', (event) => event.preventDefault());
byID('words').addEventListener('input', filter);
addEventListener('hashchange', revealNamed);
load();

async function load() {
  try {
    const response = await fetch('/openapi.json');
    if (!response.ok) throw new Error(`The broker answers ${response.status}.`);
    show(await response.json());
  } catch (error) {
    showProblem(error);
  }
  page.removeAttribute('aria-busy');
}

function show(api) {
  const groups = groupsOf(api);
  page.replaceChildren(...introduction(api), contents(groups), tools(), count, ...groups.map(section));
  filter();
  revealNamed();
}

function introduction({ info, components }) {
  const ways = Object.entries(components.securitySchemes ?? {}).map(([name, { description = '' }]) =>
    make('li', {}, make('strong', { textContent: `${name}: ` }), ...inline(description)));
  return [
    make('h1', { textContent: `${info.title} API` }),
    make('p', { className: 'muted', textContent: `Version ${info.version}` }),
    ...prose(info.summary ?? ''),
    ...prose(info.description ?? ''),
    make('h2', { textContent: 'Who may ask' }),
    make('ul', { className: 'ways' }, ...ways),
    make('p', {}, make('a', { href: '/openapi.json', textContent: 'openapi.json' }), ' has all of this for programs.'),
  ];
}

function contents(groups) {
  const links = groups.map(({ name }) => make('li', {}, make('a', { href: `#${sectionID(name)}`, textContent: name })));
  const element = make('nav', { ariaLabel: 'Groups' }, make('ul', { className: 'groups' }, ...links));
  return element;
}

function tools() {
  const button = (textContent, isOpen) => {
    const element = make('button', { type: 'button', className: 'quiet', textContent });
    element.addEventListener('click', () => views.forEach((view) => (view.isOpen = isOpen)));
    return element;
  };
  return make('p', { className: 'tools' }, button('Open all', true), button('Close all', false));
}

function section({ name, description, operations }) {
  const rows = operations.map((operation) => {
    const view = new OperationView(operation);
    views.set(operation.id, view);
    return view.element;
  });
  const heading = make('h2', { id: sectionID(name), textContent: name, tabIndex: -1 });
  return make('section', { className: 'group' }, heading, ...prose(description, 'muted'), ...rows);
}

const sectionID = (name) => `group-${name.toLowerCase().replaceAll(/[^a-z0-9]+/g, '-')}`;

function filter() {
  const words = byID('words').value.trim();
  let shown = 0;
  for (const { element, operation } of views.values()) {
    element.hidden = !fits(operation, words);
    if (!element.hidden) shown += 1;
  }
  for (const group of page.querySelectorAll('.group')) {
    group.hidden = !group.querySelector('.operation:not([hidden])');
  }
  const all = `${views.size} operations`;
  count.textContent = shown === views.size ? all : `${shown} of ${all}`;
}

/** An operation's address opens it, whatever is filtered. */
function revealNamed() {
  const id = location.hash.slice(1);
  const view = views.get(id);
  // A group's heading came later than the browser looked for it.
  if (!view) return byID(id)?.scrollIntoView();
  if (view.element.hidden) {
    byID('words').value = '';
    filter();
  }
  view.reveal();
}

function showProblem({ message }) {
  const again = make('button', { type: 'button', textContent: 'Try again' });
  again.addEventListener('click', load);
  const text = `The API could not be loaded. ${message}`;
  const problem = make('p', { textContent: text });
  problem.setAttribute('role', 'alert');
  page.replaceChildren(make('h1', { textContent: 'API' }), problem, again);
}
