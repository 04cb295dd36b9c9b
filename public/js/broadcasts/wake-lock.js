/** Keeps the screen on while it is wanted, where the browser can; gives what to say so with. */
export function keepAwake(signal) {
  let isWanted = false;
  let lock = null;
  const hold = async () => {
    lock?.release();
    lock = null;
    if (!isWanted || document.hidden) return;
    // A low battery forbids it, for example.
    lock = await navigator.wakeLock?.request('screen').catch(() => null);
    if (!isWanted) lock?.release();
  };
  const want = (wanted) => {
    if (wanted === isWanted) return;
    isWanted = wanted;
    hold();
  };
  // A lock ends when the page is not seen.
  document.addEventListener('visibilitychange', hold, { signal });
  signal.addEventListener('abort', () => want(false));
  return want;
}
