// Rows of lists from which things are deleted, by their ids.

import { deletions } from '../deletions.js';

/**
 * Hides the rows of what was deleted. Who had the focus in one gets on in the next one, or at the
 * heading; `undone` is the id of what is back, which gets it.
 *
 * @param {Map<string, HTMLElement>} rows
 * @param {string} [undone]
 * @returns {number} how many are shown
 */
export function hideDeleted(rows, undone) {
  const all = [...rows.values()];
  const focused = all.findIndex((row) => row.contains(document.activeElement));
  for (const [id, row] of rows) row.hidden = deletions.has(id);
  const isLost = focused >= 0 && all[focused].hidden;
  const next = all.slice(focused).find(isShown) ?? all.slice(0, Math.max(focused, 0)).findLast(isShown);
  if (isLost) (next?.querySelector('a') ?? document.querySelector('#page h1'))?.focus();
  if (undone) rows.get(undone)?.querySelector('a')?.focus();
  return all.filter(isShown).length;
}

/** The id behind which a list goes on: the broker knows no place of what is gone. */
export const lastOf = (rows) => [...rows.keys()].findLast((id) => !deletions.has(id)) ?? '';

const isShown = (row) => !row.hidden;
