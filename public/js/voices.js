/** The voices that upstream offers. */
export const voices = [
  'marin', 'cedar', 'alloy', 'ash', 'ballad', 'coral', 'echo', 'sage', 'shimmer', 'verse',
];

/** As it is called on the page. */
export const voiceTitle = (name) => name[0].toUpperCase() + name.slice(1);
