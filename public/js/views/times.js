// Times as people say them. All come as Unix times in seconds.

const clock = new Intl.DateTimeFormat(undefined, { hour: '2-digit', minute: '2-digit' });
const day = new Intl.DateTimeFormat(undefined, { day: 'numeric', month: 'short' });
const dayOfYear = new Intl.DateTimeFormat(undefined, {
  day: 'numeric',
  month: 'short',
  year: 'numeric',
});
const longDay = new Intl.DateTimeFormat(undefined, {
  weekday: 'long',
  day: 'numeric',
  month: 'long',
  year: 'numeric',
});

const toDate = (seconds) => new Date(seconds * 1000);

export const clockText = (seconds) => clock.format(toDate(seconds));

/** `Saturday, 21 November 2026` */
export const longDayText = (seconds) => longDay.format(toDate(seconds));

/** `21 Nov`, with the year if it is another one. */
export function dayText(seconds) {
  const date = toDate(seconds);
  const isThisYear = date.getFullYear() === new Date().getFullYear();
  return (isThisYear ? day : dayOfYear).format(date);
}

/** `14:02` today, else the day. */
export const shortTimeText = (seconds) =>
  isSameDay(seconds, Date.now() / 1000) ? clockText(seconds) : dayText(seconds);

/** `21 Nov, 14:02` */
export const dayAndClockText = (seconds) => `${dayText(seconds)}, ${clockText(seconds)}`;

export const isSameDay = (one, other) =>
  toDate(one).toDateString() === toDate(other).toDateString();

/** `<input type=date>` to the first second of that day here, or undefined for an empty one. */
export const startOfDay = (value) =>
  value ? new Date(`${value}T00:00:00`).getTime() / 1000 : undefined;

/** Likewise, the last second of that day. */
export const endOfDay = (value) =>
  value ? new Date(`${value}T23:59:59`).getTime() / 1000 : undefined;

/** `0:05`, `12:05` or `1:02:05`. */
export function durationText(ms) {
  const seconds = Math.max(0, Math.floor(ms / 1_000));
  const two = (value) => String(value).padStart(2, '0');
  const minutes = Math.floor(seconds / 60);
  const rest = two(seconds % 60);
  if (minutes < 60) return `${minutes}:${rest}`;
  return `${Math.floor(minutes / 60)}:${two(minutes % 60)}:${rest}`;
}
