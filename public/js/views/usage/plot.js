import { make } from '../dom.js';
import { compactNumber, dollars } from '../numbers.js';
import { makeSVG } from '../parts.js';

const WIDTH = 720;
const HEIGHT = 220;
const LEFT = 52;
const BOTTOM = 24;
const TOP = 12;
const LINES = 4;
const MOST_LABELS = 7;

const measures = {
  tokens: {
    title: 'Tokens',
    parts: [['input', ({ input }) => input], ['output', ({ output }) => output]],
    format: compactNumber,
  },
  cost: { title: 'Cost', parts: [['cost', ({ cost }) => cost]], format: (value) => dollars(value) },
};

/** Bars, one for each day, of tokens or cost; the same numbers stand in a table behind it. */
export class Plot {
  element;
  #days;
  #figure = make('div', { className: 'plot', tabIndex: 0 });

  /** `days` are in order: `{day, input, output, cost, costText}`. */
  constructor(days) {
    this.#days = days;
    // On a phone it is wider than the screen, and scrolled.
    this.#figure.setAttribute('role', 'group');
    this.#figure.setAttribute('aria-label', 'Plot by day');
    const choice = make('select', {}, new Option('Tokens', 'tokens'), new Option('Cost', 'cost'));
    choice.setAttribute('aria-label', 'What the plot shows');
    choice.addEventListener('change', () => this.#draw(choice.value));
    this.element = make(
      'section',
      { className: 'card' },
      make('header', { className: 'bar' }, make('h2', { textContent: 'By day' }), choice),
      this.#figure,
      this.#table(),
    );
    this.#draw('tokens');
  }

  #draw(name) {
    const { title, parts, format } = measures[name];
    const sum = (day) => parts.reduce((total, [, value]) => total + value(day), 0);
    const top = niceTop(Math.max(...this.#days.map(sum)));
    const most = this.#days.reduce((best, day) => (sum(day) > sum(best) ? day : best));
    const svg = makeSVG('svg', {
      viewBox: `0 0 ${WIDTH} ${HEIGHT}`,
      role: 'img',
      'aria-label': `${title} by day; most on ${most.day}: ${format(sum(most))}`,
    });
    svg.append(...gridLines(top, format), ...this.#bars(parts, top), ...this.#labels());
    this.#figure.replaceChildren(svg, ...(parts.length > 1 ? [legend(parts)] : []));
  }

  #bars(parts, top) {
    const step = (WIDTH - LEFT) / this.#days.length;
    const scale = (HEIGHT - TOP - BOTTOM) / top;
    return this.#days.flatMap((day, index) => {
      let y = HEIGHT - BOTTOM;
      return parts.map(([name, value]) => {
        const height = value(day) * scale;
        y -= height;
        const x = LEFT + index * step + step * 0.15;
        const bar = makeSVG('rect', { class: name, x, y, width: step * 0.7, height, rx: 1.5 });
        bar.append(makeSVG('title', {}, `${day.day}: ${value(day).toLocaleString()} ${name}`));
        return bar;
      });
    });
  }

  #labels() {
    const step = (WIDTH - LEFT) / this.#days.length;
    const every = Math.ceil(this.#days.length / MOST_LABELS);
    return this.#days
      .map(({ day }, index) => ({ day, index }))
      .filter(({ index }) => index % every === 0)
      .map(({ day, index }) =>
        makeSVG(
          'text',
          { x: LEFT + (index + 0.5) * step, y: HEIGHT - 6, 'text-anchor': 'middle' },
          day.slice(5),
        ),
      );
  }

  #table() {
    const cells = (tag, texts, scope) =>
      texts.map((textContent) => make(tag, scope ? { scope, textContent } : { textContent }));
    const rows = this.#days.map(({ day, input, output, costText }) => {
      const values = [input.toLocaleString(), output.toLocaleString(), costText];
      return make('tr', {}, ...cells('th', [day], 'row'), ...cells('td', values));
    });
    const head = make('tr', {}, ...cells('th', ['Day', 'Tokens in', 'Tokens out', 'Cost'], 'col'));
    const table = make(
      'table',
      {},
      make('caption', { className: 'unseen', textContent: 'Tokens and cost by day' }),
      make('thead', {}, head),
      make('tbody', {}, ...rows),
    );
    const summary = make('summary', { textContent: 'Show as a table' });
    return make('details', { className: 'fold plot-table' }, summary, table);
  }
}

const legend = (parts) =>
  make('p', { className: 'plot-legend' }, ...parts.map(([name]) =>
    make('span', { className: name, textContent: name === 'input' ? 'Tokens in' : 'Tokens out' })));

function gridLines(top, format) {
  return Array.from({ length: LINES + 1 }, (_, index) => {
    const y = HEIGHT - BOTTOM - ((HEIGHT - TOP - BOTTOM) * index) / LINES;
    return [
      makeSVG('line', { x1: LEFT, x2: WIDTH, y1: y, y2: y }),
      makeSVG('text', { x: LEFT - 8, y: y + 4, 'text-anchor': 'end' }, format((top * index) / LINES)),
    ];
  }).flat();
}

/** The next of 1, 2, 4, 5 or 8 times a power of ten, so that a quarter of it reads well. */
export function niceTop(value) {
  if (value <= 0) return 1;
  const power = 10 ** Math.floor(Math.log10(value));
  return [1, 2, 4, 5, 8, 10].find((factor) => factor * power >= value) * power;
}
