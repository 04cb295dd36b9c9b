import { make } from '../views/dom.js';
import { makeSVG } from '../views/parts.js';

const MOST_BARS = 24;
const WIDTH = 240;
const HEIGHT = 48;

/** A small chart of the last responses' waits for their first audio; `times` as of `timing.js`. */
export function timesChart(times) {
  if (times.length === 0) return make('p', { className: 'muted', textContent: 'No answer yet.' });
  const shown = times.slice(-MOST_BARS);
  const most = Math.max(...shown.map(({ milliseconds }) => milliseconds), 1);
  const last = shown.at(-1);
  const median = [...shown].sort((a, b) => a.milliseconds - b.milliseconds)[shown.length >> 1];
  const text = `${last.milliseconds} ms to the first ${last.isAudio ? 'audio' : 'text'}, ` +
    `median ${median.milliseconds} ms of ${shown.length}`;
  const step = WIDTH / MOST_BARS;
  const bars = shown.map(({ milliseconds, isAudio }, index) => {
    const height = Math.max(2, (milliseconds / most) * HEIGHT);
    const place = { x: index * step + 1, y: HEIGHT - height, width: step - 2, height };
    const bar = makeSVG('rect', { ...place, class: isAudio ? 'audio' : 'text' });
    bar.append(makeSVG('title', {}, `${milliseconds} ms`));
    return bar;
  });
  const attributes = { viewBox: `0 0 ${WIDTH} ${HEIGHT}`, role: 'img', 'aria-label': text };
  return make(
    'div',
    { className: 'times-chart' },
    makeSVG('svg', attributes, ...bars),
    make('p', { className: 'muted', textContent: text }),
  );
}
