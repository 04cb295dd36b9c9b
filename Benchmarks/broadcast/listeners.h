// Listeners of a broadcast, by WebSocket and by server-sent events in turn: they count what comes, and how
// late it is.
#ifndef LISTENERS_H
#define LISTENERS_H

#include <netinet/in.h>
#include <stdatomic.h>

#include "events.h"

// Histograms of 10 microseconds a step, up to 20 seconds.
enum { STEP_NS = 10000, STEPS = 2000000, CONNECTIONS_PER_ADDRESS = 4000 };

typedef struct {
    int socket, is_events, is_ready, is_open;
    uint8_t *rest;
    size_t rest_count;
    uint64_t count, sum;
} Listener;

static Listener *listeners;
static int listener_count, listeners_ready;
static const char *ready_mark;
static atomic_ullong delivered;
static atomic_ullong measured_from, measured_until;
static uint64_t arrived, arrived_bytes;
static uint32_t *delays[2];

static void note(Listener *l, const uint8_t *message, size_t count) {
    const uint8_t *at = memchr(message, '@', count);
    uint64_t number, made, now = now_ns();
    if (!l->is_ready && memmem(message, count, ready_mark, strlen(ready_mark))) {
        l->is_ready = 1;
        listeners_ready++;
    }
    if (!at || !stamp_read(at, (size_t)(message + count - at), &number, &made)) return;
    l->count++;
    l->sum += number;
    atomic_fetch_add_explicit(&delivered, 1, memory_order_relaxed);
    uint64_t from = atomic_load(&measured_from), until = atomic_load(&measured_until);
    if (from && now >= from && now < until) {
        arrived++;
        arrived_bytes += count;
    }
    if (!from || made < from || made >= until) return;
    uint64_t step = (now - made) / STEP_NS;
    delays[event_is_completed(number)][step < STEPS ? step : STEPS - 1]++;
}

static size_t take_frames(Listener *l, uint8_t *bytes, size_t count) {
    Queue in = {.bytes = bytes, .end = count};
    int opcode;
    uint8_t *payload;
    size_t length;
    while (frame_take(&in, &opcode, &payload, &length)) {
        if (opcode == OPCODE_PING) {
            Queue out = {0};
            frame_add(&out, OPCODE_PONG, 1, payload, length);
            if (queue_flush(&out, l->socket) < 0) die("pong");
            free(out.bytes);
        } else if (opcode == OPCODE_CLOSE) {
            fprintf(stderr, "a listener was let go: %.*s\n", (int)length, payload);
            exit(1);
        } else {
            note(l, payload, length);
        }
    }
    return in.start;
}

static size_t take_records(Listener *l, const uint8_t *bytes, size_t count) {
    size_t start = 0;
    const uint8_t *end;
    while ((end = memmem(bytes + start, count - start, "\n\n", 2))) {
        note(l, bytes + start, (size_t)(end - bytes) - start);
        start = (size_t)(end - bytes) + 2;
    }
    return start;
}

static size_t take_head(Listener *l, uint8_t *bytes, size_t count) {
    uint8_t *end = memmem(bytes, count, "\r\n\r\n", 4);
    if (!end) return 0;
    if (memcmp(bytes, l->is_events ? "HTTP/1.1 200" : "HTTP/1.1 101", 12)) {
        fprintf(stderr, "%.*s\n", (int)(count < 400 ? count : 400), bytes);
        exit(1);
    }
    l->is_open = 1;
    // Where nothing is said first, the head is all.
    if (!*ready_mark) {
        l->is_ready = 1;
        listeners_ready++;
    }
    return (size_t)(end + 4 - bytes);
}

static void listener_read(Listener *l) {
    static uint8_t buffer[1 << 20];
    size_t have = l->rest_count, used = 0;
    if (have) memcpy(buffer, l->rest, have);
    ssize_t n = recv(l->socket, buffer + have, sizeof buffer - have, MSG_DONTWAIT);
    if (n < 0 && errno == EAGAIN) return;
    if (n <= 0) {
        fprintf(stderr, "a listener's connection has ended\n");
        exit(1);
    }
    have += (size_t)n;
    if (!l->is_open) used = take_head(l, buffer, have);
    if (l->is_open) {
        used += l->is_events ? take_records(l, buffer + used, have - used)
                             : take_frames(l, buffer + used, have - used);
    }
    l->rest_count = have - used;
    if (l->rest_count) {
        l->rest = realloc(l->rest, l->rest_count);
        memcpy(l->rest, buffer + used, l->rest_count);
    } else {
        free(l->rest);
        l->rest = NULL;
    }
}

// Each address of the client's has so many ports only.
static int listener_socket(int port, int index) {
    int on = 1, one = socket(AF_INET, SOCK_STREAM, 0);
    struct sockaddr_in from = {.sin_family = AF_INET}, to = from;
    from.sin_addr.s_addr = htonl(INADDR_LOOPBACK + 1 + (uint32_t)(index / CONNECTIONS_PER_ADDRESS));
    to.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
    to.sin_port = htons((uint16_t)port);
    setsockopt(one, IPPROTO_IP, IP_BIND_ADDRESS_NO_PORT, &on, sizeof on);
    if (one < 0 || bind(one, (struct sockaddr *)&from, sizeof from)) die("socket");
    // What does not read is to be full soon.
    int small = 4096;
    if (index >= listener_count) setsockopt(one, SOL_SOCKET, SO_RCVBUF, &small, sizeof small);
    if (connect(one, (struct sockaddr *)&to, sizeof to)) die("connect");
    return one;
}

static void listener_ask(Listener *l, int port, const char *socket_path, const char *events_path) {
    char head[1024];
    int n = snprintf(head, sizeof head, "GET %s HTTP/1.1\r\nHost: 127.0.0.1:%d\r\n%s\r\n",
                     l->is_events ? events_path : socket_path, port,
                     l->is_events ? "Accept: text/event-stream\r\n"
                                  : "Upgrade: websocket\r\nConnection: Upgrade\r\n"
                                    "Sec-WebSocket-Version: 13\r\n"
                                    "Sec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\n");
    if (send(l->socket, head, (size_t)n, MSG_NOSIGNAL) != n) die("send");
}

#endif
