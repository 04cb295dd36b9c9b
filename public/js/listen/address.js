// The address of the listeners' page: `#bcast_1?token=bl_2&language=es`. What is behind `#` is sent
// to nobody, so that the token reaches no log.

/** `{id, token, language}`; the id of what names no broadcast is one that nothing has. */
export function parseAddress(hash) {
  const [, id = 'none', fields] = /^#(bcast_\w+)(?:\?(.*))?$/.exec(hash) ?? [];
  const { token, language } = Object.fromEntries(new URLSearchParams(fields));
  return { id, token, language };
}

/** Keeps the language in the address, for a reload and for a bookmark. */
export function keepLanguage({ id, token }, language) {
  const fields = new URLSearchParams({ ...(token && { token }), language });
  history.replaceState(null, '', `#${id}?${fields}`);
}

/** The language that is asked for, or else the first of the reader's that there is. */
export function chooseLanguage({ source_language: source, languages }, wanted) {
  const all = [source, ...languages];
  if (all.includes(wanted)) return wanted;
  const base = (code) => code.split('-', 1)[0];
  const isFor = (code) => (one) => one === code || base(one) === base(code);
  const found = navigator.languages.map((code) => all.find(isFor(code)));
  return found.find(Boolean) ?? source;
}
