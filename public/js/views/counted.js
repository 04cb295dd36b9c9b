/** `1 message`, `2 messages`. */
export const counted = (count, one, many = `${one}s`) =>
  `${count.toLocaleString()} ${count === 1 ? one : many}`;
