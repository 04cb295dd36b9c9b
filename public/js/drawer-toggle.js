import { EventRecord } from './event-record.js';
import { addStyles } from './styles.js';
import { showBriefly } from './views/toast.js';

const FAILURE = 'The events could not be loaded: the broker cannot be reached.';

/**
 * Lets `opener` and Ctrl and the full stop open the drawer of the session's events. It is loaded
 * when it is wanted first; its record is kept from the start.
 */
export function wireDrawer(live, opener) {
  const record = new EventRecord(live);
  let loading = null;

  opener.addEventListener('click', toggle);
  addEventListener('keydown', (event) => {
    if (event.key !== '.' || !(event.ctrlKey || event.metaKey)) return;
    event.preventDefault();
    toggle();
  });

  async function toggle() {
    try {
      loading ??= load();
      const drawer = await loading;
      if (drawer.isOpen) drawer.close();
      else drawer.open();
    } catch {
      loading = null;
      showBriefly(FAILURE);
    }
  }

  async function load() {
    const [{ Drawer }] = await Promise.all([import('./drawer/drawer.js'), addStyles('drawer')]);
    const drawer = new Drawer(record, live, { onClose: () => opener.focus() });
    document.body.append(drawer.element);
    return drawer;
  }
}
