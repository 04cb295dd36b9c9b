// Clients of a relay: each sends pieces of audio as a Realtime client does, and counts the pieces that
// come back.
//
// usage: load PORT PATH HEADER CONNECTIONS SECONDS INTERVAL_MS
//   HEADER       one more header line of the handshake, or -
//   INTERVAL_MS  the time between two pieces of a connection; 0 sends the next when one came back, and
//                -1 sends none
// Prints "ready" when all are connected and hears their session; then, after SECONDS, pieces per
// second and percentiles of the way there and back: "RATE P50_US P99_US".
#include <signal.h>

#include "frames.h"

enum { PIECES_UNDER_WAY = 2, MAXIMUM_TIMES = 1 << 22 };

typedef struct {
    int socket, is_open, is_ready;
    Queue in, out;
    uint64_t sent[64];
    unsigned first, last;
    uint64_t next;
} Client;

static Client *clients;
static int connections, ready_count;
static char piece[8192];
static size_t piece_count;
static uint64_t *times, time_count, received;
static int is_measuring;

static void send_piece(Client *c, uint64_t now) {
    if (c->last - c->first >= 64) return;
    c->sent[c->last++ % 64] = now;
    frame_add(&c->out, OPCODE_TEXT, 1, piece, piece_count);
}

static void take(Client *c, int interval) {
    int opcode;
    uint8_t *payload;
    size_t count;
    if (!c->is_open) {
        size_t have = queue_count(&c->in);
        char *head = (char *)queue_room(&c->in, 1) - have, *end;
        head[have] = 0;
        if (!(end = strstr(head, "\r\n\r\n"))) return;
        if (strncmp(head, "HTTP/1.1 101", 12)) {
            fprintf(stderr, "%.400s\n", head);
            exit(1);
        }
        c->in.start += (size_t)(end + 4 - head);
        c->is_open = 1;
    }
    while (frame_take(&c->in, &opcode, &payload, &count)) {
        if (opcode == OPCODE_PING) frame_add(&c->out, OPCODE_PONG, 1, payload, count);
        if (opcode == OPCODE_CLOSE) {
            fprintf(stderr, "closed: %.*s\n", (int)count, payload);
            exit(1);
        }
        if (opcode != OPCODE_TEXT) continue;
        if (memmem(payload, count < 64 ? count : 64, "output_audio.delta", 18)) {
            uint64_t now = now_ns();
            if (is_measuring) {
                received++;
                if (time_count < MAXIMUM_TIMES) times[time_count++] = now - c->sent[c->first % 64];
            }
            c->first++;
            if (interval == 0) send_piece(c, now);
        } else if (!c->is_ready && memmem(payload, count, "session.created", 15)) {
            c->is_ready = 1;
            ready_count++;
        }
    }
}

static int by_size(const void *a, const void *b) {
    uint64_t x = *(const uint64_t *)a, y = *(const uint64_t *)b;
    return x < y ? -1 : x > y;
}

int main(int argc, char **argv) {
    if (argc != 7) return 2;
    int port = atoi(argv[1]), seconds = atoi(argv[5]), interval = atoi(argv[6]);
    connections = atoi(argv[4]);
    clients = calloc((size_t)connections, sizeof *clients);
    times = malloc(MAXIMUM_TIMES * sizeof *times);
    static char base64[6401];
    memset(base64, 'A', 6400);
    piece_count = (size_t)snprintf(
        piece, sizeof piece, "{\"type\":\"input_audio_buffer.append\",\"audio\":\"%s\"}", base64);
    signal(SIGPIPE, SIG_IGN);
    int poll = epoll_create1(0);
    struct sockaddr_in address = {
        .sin_family = AF_INET, .sin_port = htons((uint16_t)port),
        .sin_addr.s_addr = htonl(INADDR_LOOPBACK)};
    struct epoll_event events[256];
    int started = 0, has_begun = 0;
    uint64_t begun = 0, end = 0;
    for (;;) {
        // A few at a time, so that no queue of connections overflows.
        while (started < connections && started - ready_count < 32) {
            Client *c = &clients[started];
            c->socket = socket(AF_INET, SOCK_STREAM, 0);
            if (connect(c->socket, (struct sockaddr *)&address, sizeof address)) die("connect");
            make_nonblocking(c->socket);
            char head[1024];
            int n = snprintf(head, sizeof head,
                             "GET %s HTTP/1.1\r\nHost: 127.0.0.1:%d\r\nUpgrade: websocket\r\n"
                             "Connection: Upgrade\r\nSec-WebSocket-Version: 13\r\n"
                             "Sec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\n%s%s\r\n",
                             argv[2], port, argv[3][0] == '-' ? "" : argv[3],
                             argv[3][0] == '-' ? "" : "\r\n");
            queue_add(&c->out, head, (size_t)n);
            struct epoll_event watch = {
                .events = EPOLLIN | EPOLLOUT | EPOLLET, .data.u32 = (uint32_t)started++};
            epoll_ctl(poll, EPOLL_CTL_ADD, c->socket, &watch);
        }
        uint64_t now = now_ns();
        if (!has_begun && ready_count == connections) {
            has_begun = 1;
            printf("ready\n");
            fflush(stdout);
            for (int i = 0; i < connections; i++) {
                Client *c = &clients[i];
                // Spread evenly, as speakers are.
                c->next = now + (uint64_t)(interval > 0 ? interval : 0) * 1000000u * (uint64_t)i
                                    / (uint64_t)connections;
                if (interval != 0) continue;
                for (int n = 0; n < PIECES_UNDER_WAY; n++) send_piece(c, now);
                if (queue_flush(&c->out, c->socket) < 0) die("send");
            }
            // The first half second warms up.
            begun = now + 500000000u;
            end = begun + (uint64_t)seconds * 1000000000u;
        }
        if (has_begun && !is_measuring && now >= begun) is_measuring = 1;
        if (has_begun && now >= end) break;
        if (has_begun && interval > 0) {
            for (int i = 0; i < connections; i++) {
                Client *c = &clients[i];
                if (now < c->next) continue;
                c->next += (uint64_t)interval * 1000000u;
                send_piece(c, now);
                if (queue_flush(&c->out, c->socket) < 0) die("send");
            }
        }
        int ready = epoll_wait(poll, events, 256, interval > 0 ? 1 : 50);
        for (int i = 0; i < ready; i++) {
            Client *c = &clients[events[i].data.u32];
            if (queue_fill(&c->in, c->socket) < 0) {
                fprintf(stderr, "a connection has ended\n");
                exit(1);
            }
            take(c, interval);
            if (queue_flush(&c->out, c->socket) < 0) die("send");
        }
    }
    qsort(times, time_count, sizeof *times, by_size);
    printf("%.1f %.1f %.1f\n", (double)received / seconds,
           time_count ? (double)times[time_count / 2] / 1000 : 0,
           time_count ? (double)times[time_count - 1 - time_count / 100] / 1000 : 0);
    return 0;
}
