import { cutText, gapText } from '../../broadcasts/words.js';
import { make, setText } from '../dom.js';

/** What a caption stands in; `lang` is its language. */
export const captionRow = (lang) =>
  make(
    'li',
    { className: 'caption' },
    make('span', { className: 'caption-speaker' }),
    make('p', { className: 'caption-text', lang, dir: 'auto' }),
    make('span', { className: 'caption-cut' }),
  );

/** Shows a caption; `before` is the one before it, or undefined. */
export function showCaption(row, caption, before) {
  const [speaker, text, cut] = row.children;
  const isGap = caption.kind === 'gap';
  row.hidden = !isGap && caption.text.trim() === '';
  row.dataset.kind = caption.isDraft ? 'draft' : caption.kind;
  const isOther = before && before.speaker !== caption.speaker;
  setText(speaker, isOther ? `Speaker ${caption.speaker}` : '');
  setText(text, isGap ? gapText(caption) : caption.text.trim());
  setText(cut, !isGap && caption.reason ? cutText(caption.reason) : '');
  if (isGap) text.lang = 'en';
}
