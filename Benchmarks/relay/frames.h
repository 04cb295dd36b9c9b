// WebSocket frames (RFC 6455, 5.2) for programs that measure: text frames, no fragments, no extensions.
#ifndef FRAMES_H
#define FRAMES_H

#include <arpa/inet.h>
#include <errno.h>
#include <fcntl.h>
#include <netinet/tcp.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/epoll.h>
#include <sys/socket.h>
#include <time.h>
#include <unistd.h>

enum { OPCODE_TEXT = 1, OPCODE_BINARY = 2, OPCODE_CLOSE = 8, OPCODE_PING = 9, OPCODE_PONG = 10 };

static inline uint64_t now_ns(void) {
    struct timespec t;
    clock_gettime(CLOCK_MONOTONIC, &t);
    return (uint64_t)t.tv_sec * 1000000000u + (uint64_t)t.tv_nsec;
}

static inline void die(const char *what) {
    perror(what);
    exit(1);
}

// Bytes that wait, taken from the front.
typedef struct {
    uint8_t *bytes;
    size_t start, end, capacity;
} Queue;

static inline uint8_t *queue_room(Queue *q, size_t count) {
    if (q->start == q->end) q->start = q->end = 0;
    if (q->end + count > q->capacity) {
        memmove(q->bytes, q->bytes + q->start, q->end - q->start);
        q->end -= q->start;
        q->start = 0;
        if (q->end + count > q->capacity) {
            q->capacity = (q->end + count) * 2;
            q->bytes = realloc(q->bytes, q->capacity);
            if (!q->bytes) die("realloc");
        }
    }
    return q->bytes + q->end;
}

static inline void queue_add(Queue *q, const void *bytes, size_t count) {
    memcpy(queue_room(q, count), bytes, count);
    q->end += count;
}

static inline size_t queue_count(const Queue *q) { return q->end - q->start; }

// Appends a frame; clients mask theirs, with a mask of zeros, which leaves the payload as it is.
static inline void frame_add(Queue *q, int opcode, int masked, const void *payload, size_t count) {
    uint8_t head[14];
    size_t length = 2;
    head[0] = 0x80 | (uint8_t)opcode;
    if (count < 126) {
        head[1] = (uint8_t)count;
    } else if (count < 65536) {
        head[1] = 126;
        head[2] = (uint8_t)(count >> 8);
        head[3] = (uint8_t)count;
        length = 4;
    } else {
        head[1] = 127;
        for (int i = 0; i < 8; i++) head[2 + i] = (uint8_t)((uint64_t)count >> (56 - 8 * i));
        length = 10;
    }
    if (masked) {
        head[1] |= 0x80;
        memset(head + length, 0, 4);
        length += 4;
    }
    queue_add(q, head, length);
    queue_add(q, payload, count);
}

// Takes a whole frame off the front, unmasked in place; 0 while there is none.
static inline int frame_take(Queue *q, int *opcode, uint8_t **payload, size_t *count) {
    uint8_t *p = q->bytes + q->start;
    size_t have = queue_count(q), head = 2, length;
    if (have < 2) return 0;
    length = p[1] & 0x7F;
    if (length == 126) {
        if (have < 4) return 0;
        length = (size_t)p[2] << 8 | p[3];
        head = 4;
    } else if (length == 127) {
        if (have < 10) return 0;
        length = 0;
        for (int i = 0; i < 8; i++) length = length << 8 | p[2 + i];
        head = 10;
    }
    uint8_t *mask = NULL;
    if (p[1] & 0x80) {
        mask = p + head;
        head += 4;
    }
    if (have < head + length) return 0;
    *opcode = p[0] & 0x0F;
    *payload = p + head;
    *count = length;
    if (mask)
        for (size_t i = 0; i < length; i++) (*payload)[i] ^= mask[i & 3];
    q->start += head + length;
    return 1;
}

// Writes what the socket takes; -1 when it is broken.
static inline int queue_flush(Queue *q, int socket) {
    while (queue_count(q)) {
        ssize_t n = send(socket, q->bytes + q->start, queue_count(q), MSG_NOSIGNAL);
        if (n < 0) return errno == EAGAIN ? 0 : -1;
        q->start += (size_t)n;
    }
    return 0;
}

// Reads what there is; -1 at the end.
static inline int queue_fill(Queue *q, int socket) {
    for (;;) {
        uint8_t *room = queue_room(q, 65536);
        ssize_t n = recv(socket, room, 65536, 0);
        if (n == 0) return -1;
        if (n < 0) return errno == EAGAIN ? 0 : -1;
        q->end += (size_t)n;
        if (n < 65536) return 0;
    }
}

static inline void make_nonblocking(int socket) {
    int on = 1;
    fcntl(socket, F_SETFL, fcntl(socket, F_GETFL) | O_NONBLOCK);
    setsockopt(socket, IPPROTO_TCP, TCP_NODELAY, &on, sizeof on);
}

#endif
