import { make } from '../dom.js';
import { compactNumber, dollars } from '../numbers.js';
import { makeSVG } from '../parts.js';

const HEIGHT = 240;
const LEFT = 52;
const BOTTOM = 24;
const TOP = 12;
const LINES = 4;
const LABEL_PX = 64;

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
  #measure = 'tokens';
  #area = make('div', { className: 'plot-area' });
  #legend = make('p', { className: 'plot-legend' });

  /** `days` are in order: `{day, input, output, cost, costText}`. */
  constructor(days) {
    this.#days = days;
    const choice = make('select', {}, new Option('Tokens', 'tokens'), new Option('Cost', 'cost'));
    choice.setAttribute('aria-label', 'What the plot shows');
    choice.addEventListener('change', () => {
      this.#measure = choice.value;
      this.#draw();
    });
    this.element = make(
      'section',
      { className: 'card' },
      make('header', { className: 'bar' }, make('h2', { textContent: 'By day' }), choice),
      make('div', { className: 'plot' }, this.#area, this.#legend),
      this.#table(),
    );
    // One unit of the drawing is a pixel, so that words are as large on a phone as elsewhere.
    new ResizeObserver(() => this.#draw()).observe(this.#area);
  }

  #draw() {
    const width = this.#area.clientWidth;
    // Taken off the page it has no width, and nobody sees it.
    if (width <= LEFT) return;
    const { title, parts, format } = measures[this.#measure];
    const sum = (day) => parts.reduce((total, [, value]) => total + value(day), 0);
    const top = niceTop(Math.max(...this.#days.map(sum)));
    const most = this.#days.reduce((best, day) => (sum(day) > sum(best) ? day : best));
    const svg = makeSVG('svg', {
      viewBox: `0 0 ${width} ${HEIGHT}`,
      role: 'img',
      'aria-label': `${title} by day; most on ${most.day}: ${format(sum(most))}`,
    });
    const step = (width - LEFT) / this.#days.length;
    svg.append(...gridLines(top, format, width), ...this.#bars(parts, top, step));
    svg.append(...this.#labels(step));
    this.#area.replaceChildren(svg);
    this.#legend.replaceChildren(...legend(parts));
  }

  #bars(parts, top, step) {
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

  #labels(step) {
    const every = Math.ceil(LABEL_PX / step);
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

const names = { input: 'Tokens in', output: 'Tokens out', cost: 'Cost' };

const legend = (parts) =>
  parts.map(([name]) => make('span', { className: name, textContent: names[name] }));

function gridLines(top, format, width) {
  return Array.from({ length: LINES + 1 }, (_, index) => {
    const y = HEIGHT - BOTTOM - ((HEIGHT - TOP - BOTTOM) * index) / LINES;
    return [
      makeSVG('line', { x1: LEFT, x2: width, y1: y, y2: y }),
      makeSVG(
        'text',
        { x: LEFT - 8, y: y + 4, 'text-anchor': 'end' },
        format((top * index) / LINES),
      ),
    ];
  }).flat();
}

/** The next of 1, 2, 4, 5 or 8 times a power of ten, so that a quarter of it reads well. */
export function niceTop(value) {
  if (value <= 0) return 1;
  const power = 10 ** Math.floor(Math.log10(value));
  return [1, 2, 4, 5, 8, 10].find((factor) => factor * power >= value) * power;
}
