/** The name of a language in itself, such as `Español`, or in another one. */
export function languageName(code, inLanguage = code) {
  let name = code;
  try {
    name = new Intl.DisplayNames([inLanguage, 'en'], { type: 'language' }).of(code);
  } catch {
    // What is no language's code stays one.
  }
  return name.charAt(0).toLocaleUpperCase() + name.slice(1);
}
