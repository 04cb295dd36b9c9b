// Tokens and money, as people read them.

const compact = new Intl.NumberFormat(undefined, { notation: 'compact', maximumFractionDigits: 1 });

/** `1.2M` */
export const compactNumber = (value) => compact.format(value);

/** All tokens that went in. */
export const inputTokens = ({ tokens: { input } }) => input.text + input.audio + input.image;

/** All tokens that came out. */
export const outputTokens = ({ tokens: { output } }) => output.text + output.audio;

/** `1,234 tokens`, or nothing for none. */
export function tokensText(sum) {
  const total = inputTokens(sum) + outputTokens(sum);
  return total > 0 ? `${total.toLocaleString()} tokens` : '';
}

const MANY_DIGITS_BELOW = 1;

/** `$12.34`; small amounts keep the digits that matter. */
export function dollars(text) {
  const value = Number(text);
  if (value === 0) return '$0';
  const digits = value < MANY_DIGITS_BELOW ? { maximumSignificantDigits: 2 }
    : { minimumFractionDigits: 2, maximumFractionDigits: 2 };
  return `$${value.toLocaleString(undefined, digits)}`;
}

/** How often anything was used. */
export const uses = ({ responses, transcriptions, translations }) =>
  responses + transcriptions + translations;

/** The cost, or that some of it has no known price. */
export function costText(sum) {
  const { cost_usd: cost, unpriced } = sum;
  if (uses(sum) === 0) return '';
  if (cost === null) return 'no price known';
  return unpriced > 0 ? `more than ${dollars(cost)}` : dollars(cost);
}
