/** Keeps the screen on while it is wanted, where the browser can; gives what to say so with. */
export function keepAwake(signal) {
  let isWanted = false;
  let lock = null;
  let changing = Promise.resolve();
  const hold = async () => {
    await lock?.release();
    lock = null;
    if (!isWanted || document.hidden) return;
    // A low battery forbids it, for example.
    lock = (await navigator.wakeLock?.request('screen').catch(() => null)) ?? null;
  };
  // One behind the other, so that no lock is forgotten.
  const change = () => (changing = changing.then(hold, hold));
  const want = (wanted) => {
    if (wanted === isWanted) return;
    isWanted = wanted;
    change();
  };
  // A lock ends when the page is not seen.
  document.addEventListener('visibilitychange', change, { signal });
  signal?.addEventListener('abort', () => want(false));
  return want;
}
