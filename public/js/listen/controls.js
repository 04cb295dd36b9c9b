import { languageName } from '../broadcasts/languages.js';
import { byID, make } from '../views/dom.js';

const STORED_SIZE = 'broadcast.text-size';
const SIZES_REM = [1.0625, 1.3125, 1.625, 2, 2.5, 3.25];
const USUAL = 2;

/** A language, its voice, and how large the text is. */
export async function showControls(broadcast, listener, signal, onLanguage) {
  const controls = sizeButtons();
  if (broadcast.languages.length > 0) {
    controls.unshift(languageChoice(broadcast, listener, onLanguage));
  }
  byID('controls').replaceChildren(...controls);
  byID('controls').hidden = false;
  if (!broadcast.audio) return;
  // Without it, one reads.
  const module = await import('./voice-button.js').catch(() => null);
  if (module) controls.at(-2).before(new module.VoiceButton(broadcast, listener, signal).element);
}

function languageChoice({ source_language: source, languages }, listener, onLanguage) {
  const select = make('select', { className: 'language', ariaLabel: 'Language' });
  for (const code of [source, ...languages]) {
    select.append(make('option', { value: code, lang: code, textContent: languageName(code) }));
  }
  select.value = listener.language;
  select.addEventListener('change', () => {
    listener.setLanguage(select.value);
    onLanguage();
  });
  return select;
}

function sizeButtons() {
  let size;
  const smaller = sizeButton('Smaller text', () => keep(size - 1));
  const larger = sizeButton('Larger text', () => keep(size + 1));
  const use = (wanted) => {
    size = wanted in SIZES_REM ? wanted : USUAL;
    byID('page').style.fontSize = `${SIZES_REM[size]}rem`;
    smaller.disabled = size === 0;
    larger.disabled = size === SIZES_REM.length - 1;
  };
  const keep = (wanted) => {
    use(wanted);
    storage((items) => items.setItem(STORED_SIZE, size));
  };
  // It may be nothing, or nonsense.
  use(parseInt(storage((items) => items.getItem(STORED_SIZE)), 10));
  return [smaller, larger];
}

function sizeButton(label, press) {
  const button = make('button', { type: 'button', className: 'size', textContent: 'A' });
  button.addEventListener('click', press);
  return Object.assign(button, { ariaLabel: label, title: label });
}

/** Some browsers forbid it. */
function storage(use) {
  try {
    return use(localStorage);
  } catch {
    return null;
  }
}
