import { addStyles } from '../styles.js';
import { byID } from '../views/dom.js';
import { Archive } from '../views/broadcasts/archive.js';
import { chooseLanguage, keepLanguage } from './address.js';
import { makeScroller, showState } from './state.js';

/** All that was said in a broadcast that has ended, for those who may listen. */
export async function showArchive(broadcast, address) {
  await Promise.all(['controls', 'parts', 'archive'].map(addStyles));
  const scroller = makeScroller();
  const archive = new Archive(broadcast, {
    token: address.token,
    language: chooseLanguage(broadcast, address.language),
    scroller,
    signal: new AbortController().signal,
    onLanguage: (language) => keepLanguage(address, language),
  });
  scroller.append(archive.element);
  showState(['off', 'Ended', 'The broadcast has ended. This is what was said.']);
  byID('facts').textContent = archive.facts;
  byID('page').replaceChildren(scroller);
}
