// Languages by their codes, and how people call them.

/** The name of a language in English. */
export const languageName = (code) => named(code, 'en');

/** The name of a language in itself, such as `Español`. */
export function ownName(code) {
  const name = named(code, code);
  return name.charAt(0).toLocaleUpperCase(code) + name.slice(1);
}

function named(code, inLanguage) {
  try {
    return new Intl.DisplayNames([inLanguage, 'en'], { type: 'language' }).of(code);
  } catch {
    return code;
  }
}
