import { make } from '../js/views/dom.js';
import { paragraphs, pieces } from './markdown.js';

const tags = { code: 'code', strong: 'strong' };

/** Text of the document as nodes. */
export const inline = (text) => pieces(text).map(({ kind, text: textContent, href }) => {
  if (kind === 'text') return textContent;
  return kind === 'link' ? make('a', { href, textContent }) : make(tags[kind], { textContent });
});

/** Its paragraphs. */
export const prose = (text, className = 'prose') =>
  paragraphs(text).map((part) => make('p', { className }, ...inline(part)));
