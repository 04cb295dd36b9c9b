// What is broadcast: segments that grow by deltas and are then completed, with the moment in which they
// were made in their text. A text is the same for whoever carries it.
#ifndef EVENTS_H
#define EVENTS_H

#include "../relay/frames.h"

enum { MAXIMUM_TEXT = 32768, STAMP_BYTES = 30 };

// So many deltas, and then the whole segment.
static unsigned deltas = 8;

// A mark that nothing else in a message has, the event's number from 1 on, and its time.
static inline int stamp(char *to, uint64_t number, uint64_t now) {
    return sprintf(to, "@%08llu:%019llu ", (unsigned long long)number, (unsigned long long)now);
}

static inline int stamp_read(const uint8_t *at, size_t count, uint64_t *number, uint64_t *time) {
    if (count < STAMP_BYTES || at[0] != '@') return 0;
    *number = *time = 0;
    for (int i = 1; i <= 8; i++) *number = *number * 10 + (uint64_t)(at[i] - '0');
    for (int i = 10; i <= 28; i++) *time = *time * 10 + (uint64_t)(at[i] - '0');
    return 1;
}

// The text of one event: its stamp, and words up to a length.
static inline size_t event_text(char *to, uint64_t number, uint64_t now, size_t length) {
    size_t count = (size_t)stamp(to, number, now);
    while (count < length) count += (size_t)sprintf(to + count, "water ");
    return count;
}

static inline int event_is_completed(uint64_t number) { return number % (deltas + 1) == 0; }

static inline uint64_t event_segment(uint64_t number) { return (number - 1) / (deltas + 1) + 1; }

#endif
