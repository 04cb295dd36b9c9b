import { ownName } from '../broadcasts/languages.js';
import { byID, make } from '../views/dom.js';

const STORED_SIZE = 'broadcast.text-size';
const LARGEST = 5;
const USUAL = 2;

/** What one may choose while one listens: a language, its voice, and how large the text is. */
export async function showControls(broadcast, listener, signal, onLanguage) {
  const controls = sizeButtons();
  if (broadcast.languages.length > 0) {
    controls.unshift(languageChoice(broadcast, listener, onLanguage));
  }
  byID('controls').replaceChildren(...controls);
  byID('controls').hidden = false;
  if (!broadcast.audio) return;
  const { VoiceButton } = await import('./voice-button.js');
  controls.at(-2).before(new VoiceButton(broadcast, listener, signal).element);
}

/** Each language has its own name, by which those know it who look for it. */
function languageChoice({ source_language: source, languages }, listener, onLanguage) {
  const select = make('select', { className: 'language', ariaLabel: 'Language' });
  for (const code of [source, ...languages]) {
    select.append(make('option', { value: code, lang: code, textContent: ownName(code) }));
  }
  select.value = listener.language;
  select.addEventListener('change', () => {
    listener.setLanguage(select.value);
    onLanguage();
  });
  return select;
}

function sizeButtons() {
  const smaller = sizeButton('Smaller text', 'smaller');
  const larger = sizeButton('Larger text', 'larger');
  let size;
  const use = (wanted) => {
    size = Math.max(0, Math.min(LARGEST, wanted));
    byID('page').dataset.size = size;
    smaller.disabled = size === 0;
    larger.disabled = size === LARGEST;
  };
  const change = (step) => {
    use(size + step);
    storage((items) => items.setItem(STORED_SIZE, size));
  };
  smaller.addEventListener('click', () => change(-1));
  larger.addEventListener('click', () => change(1));
  // What is stored may be nothing, or nonsense.
  const stored = parseInt(storage((items) => items.getItem(STORED_SIZE)), 10);
  use(Number.isNaN(stored) ? USUAL : stored);
  return [smaller, larger];
}

function sizeButton(label, className) {
  const button = make('button', { type: 'button', className: `size ${className}` }, 'A');
  return Object.assign(button, { ariaLabel: label, title: label });
}

/** Some browsers forbid it; then the size lasts as long as the page. */
function storage(use) {
  try {
    return use(localStorage);
  } catch {
    return null;
  }
}
