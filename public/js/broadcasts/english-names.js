import { languageName as nameIn } from './languages.js';

/** The name of a language in English, as the owner's pages have it. */
export const languageName = (code) => nameIn(code, 'en');
