const addedStyles = new Map();

/** Adds a file of styles once, and resolves when it is there. */
export function addStyles(name) {
  if (!addedStyles.has(name)) addedStyles.set(name, loadStyles(name));
  return addedStyles.get(name);
}

function loadStyles(name) {
  const link = Object.assign(document.createElement('link'), {
    rel: 'stylesheet',
    href: `css/${name}.css`,
  });
  const loaded = new Promise((resolve, reject) => {
    link.addEventListener('load', resolve);
    link.addEventListener('error', () => {
      addedStyles.delete(name);
      link.remove();
      reject(new Error(`The styles of this page could not be loaded`));
    });
  });
  document.head.append(link);
  return loaded;
}
