/**
 * Reads `#bcast_1?token=bl_2&language=es`. What is behind `#` is sent to nobody, and reaches no log.
 * What names no broadcast has an id that nothing has.
 */
export function parseAddress(hash) {
  const [, id = 'none', fields] = /^#(bcast_\w+)(?:\?(.*))?$/.exec(hash) ?? [];
  return { id, ...Object.fromEntries(new URLSearchParams(fields)) };
}

/** For a reload, and for a bookmark. */
export function keepLanguage({ id, token }, language) {
  const fields = new URLSearchParams({ ...(token && { token }), language });
  history.replaceState(null, '', `#${id}?${fields}`);
}

/** The language that is asked for, or else the first of the reader's that there is. */
export function chooseLanguage({ source_language: source, languages }, wanted) {
  const all = [source, ...languages];
  if (all.includes(wanted)) return wanted;
  const base = (code) => code.split('-', 1)[0];
  const isFor = (code) => (one) => base(one) === base(code);
  const find = (code) => (all.includes(code) ? code : all.find(isFor(code)));
  return navigator.languages.map(find).find(Boolean) ?? source;
}
