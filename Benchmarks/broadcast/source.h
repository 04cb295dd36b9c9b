// Where what is broadcast comes from: a speaker and what is upstream of a broker, or one who publishes to
// nchan by HTTP. It lives on a thread of its own.
#ifndef SOURCE_H
#define SOURCE_H

#include <openssl/evp.h>
#include <poll.h>
#include <stdatomic.h>

#include "events.h"

enum { AUDIO_MS = 100, AUDIO_BYTES = 4800, MAXIMUM_WINDOW = 4 };

typedef struct {
    int port;
    // The broker's: where upstream listens, and how to speak.
    int listener;
    const char *speak_path, *header;
    // nchan's; NULL for a broker.
    const char *publish_path;
    size_t text_bytes;
    // Events per second; 0 for as many as all listeners get.
    double rate;
    uint64_t listeners;
    atomic_ullong *delivered;
    atomic_ullong published;
    atomic_int is_ready, is_going;
    int socket, speaker;
    Queue in, out, speaker_in;
    char text[MAXIMUM_TEXT];
    size_t text_count;
} Source;

static void blocking_send(int socket, const void *bytes, size_t count) {
    for (const char *at = bytes; count;) {
        ssize_t n = send(socket, at, count, MSG_NOSIGNAL);
        if (n <= 0) die("the source's send");
        at += n;
        count -= (size_t)n;
    }
}

static int source_connect(int port) {
    int on = 1, one = socket(AF_INET, SOCK_STREAM, 0);
    struct sockaddr_in to = {.sin_family = AF_INET, .sin_port = htons((uint16_t)port),
                             .sin_addr.s_addr = htonl(INADDR_LOOPBACK)};
    if (connect(one, (struct sockaddr *)&to, sizeof to)) die("the source's connect");
    setsockopt(one, IPPROTO_TCP, TCP_NODELAY, &on, sizeof on);
    return one;
}

// Reads up to the end of a head, and gives it.
static char *read_head(Queue *q, int socket) {
    for (;;) {
        char *room = (char *)queue_room(q, 4096), *end;
        ssize_t n = recv(socket, room, 4095, 0);
        if (n <= 0) die("a head");
        q->end += (size_t)n;
        q->bytes[q->end] = 0;
        char *head = (char *)q->bytes + q->start;
        if (!(end = strstr(head, "\r\n\r\n"))) continue;
        end[2] = 0;
        q->start += (size_t)(end + 4 - head);
        return head;
    }
}

static void upstream_accept(Source *s) {
    static const char guid[] = "258EAFA5-E914-47DA-95CA-C5AB0DC85B11";
    int on = 1;
    if ((s->socket = accept(s->listener, NULL, NULL)) < 0) die("accept");
    setsockopt(s->socket, IPPROTO_TCP, TCP_NODELAY, &on, sizeof on);
    char *key = strcasestr(read_head(&s->in, s->socket), "\r\nSec-WebSocket-Key:");
    if (!key) die("no key");
    key += 20 + strspn(key + 20, " ");
    char joined[128], digest[64], coded[128], answer[512];
    snprintf(joined, sizeof joined, "%.*s%s", (int)strcspn(key, "\r"), key, guid);
    unsigned int size = 0;
    EVP_Digest(joined, strlen(joined), (unsigned char *)digest, &size, EVP_sha1(), NULL);
    EVP_EncodeBlock((unsigned char *)coded, (unsigned char *)digest, (int)size);
    int n = snprintf(answer, sizeof answer,
                     "HTTP/1.1 101 Switching Protocols\r\nUpgrade: websocket\r\nConnection: Upgrade\r\n"
                     "Sec-WebSocket-Accept: %s\r\n\r\n", coded);
    blocking_send(s->socket, answer, (size_t)n);
}

static void say(Source *s, int socket, int opcode, int masked, const void *bytes, size_t count) {
    frame_add(&s->out, opcode, masked, bytes, count);
    blocking_send(socket, s->out.bytes + s->out.start, queue_count(&s->out));
    s->out.start = s->out.end;
}

static void speak(Source *s) {
    char head[2048];
    s->speaker = source_connect(s->port);
    int n = snprintf(head, sizeof head,
                     "GET %s HTTP/1.1\r\nHost: 127.0.0.1:%d\r\n%s\r\nUpgrade: websocket\r\n"
                     "Connection: Upgrade\r\nSec-WebSocket-Version: 13\r\n"
                     "Sec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\n\r\n",
                     s->speak_path, s->port, s->header);
    blocking_send(s->speaker, head, (size_t)n);
    char *answer = read_head(&s->speaker_in, s->speaker);
    if (strncmp(answer, "HTTP/1.1 101", 12)) {
        fprintf(stderr, "%s\n", answer);
        exit(1);
    }
    upstream_accept(s);
}

// Answers what the broker says: its settings are taken, its audio is heard and thrown away.
static void hear(Source *s, Queue *q, int socket, int masked) {
    static const char settled[] =
        "{\"type\":\"session.updated\",\"event_id\":\"event_1\",\"session\":{\"type\":\"transcription\","
        "\"object\":\"realtime.transcription_session\",\"id\":\"sess_1\",\"expires_at\":0}}";
    int opcode;
    uint8_t *payload;
    size_t count;
    make_nonblocking(socket);
    if (queue_fill(q, socket) < 0) die("the source was let go");
    fcntl(socket, F_SETFL, fcntl(socket, F_GETFL) & ~O_NONBLOCK);
    while (frame_take(q, &opcode, &payload, &count)) {
        if (opcode == OPCODE_PING) say(s, socket, OPCODE_PONG, masked, payload, count);
        if (memmem(payload, count < 128 ? count : 128, "session.update", 14)) {
            say(s, socket, OPCODE_TEXT, 0, settled, sizeof settled - 1);
            atomic_store(&s->is_ready, 1);
        }
    }
}

// As upstream tells it: the broker makes its events of that.
static void publish_upstream(Source *s, uint64_t number, const char *text) {
    static char event[MAXIMUM_TEXT + 512];
    int is_completed = event_is_completed(number);
    if (is_completed) {
        int n = snprintf(event, sizeof event,
                         "{\"type\":\"input_audio_buffer.committed\",\"event_id\":\"event_3\","
                         "\"item_id\":\"item_%llu\"}", (unsigned long long)event_segment(number));
        say(s, s->socket, OPCODE_TEXT, 0, event, (size_t)n);
    }
    int n = snprintf(event, sizeof event,
                     "{\"type\":\"conversation.item.input_audio_transcription.%s\",\"event_id\":\"event_2\","
                     "\"item_id\":\"item_%llu\",\"content_index\":0,\"%s\":\"%s\"}",
                     is_completed ? "completed" : "delta",
                     (unsigned long long)event_segment(number),
                     is_completed ? "transcript" : "delta", text);
    say(s, s->socket, OPCODE_TEXT, 0, event, (size_t)n);
}

// As the broker tells it, byte for byte but for numbers.
static void publish_nchan(Source *s, uint64_t number, const char *text) {
    static char event[2 * MAXIMUM_TEXT + 512], head[512];
    unsigned long long segment = event_segment(number);
    int n = event_is_completed(number)
        ? snprintf(event, sizeof event,
                   "{\"type\":\"segment.completed\",\"event_id\":\"en.%llu\",\"language\":\"en\","
                   "\"sequence\":%llu,\"revision\":1,\"kind\":\"text\",\"text\":\"%s\",\"reason\":null,"
                   "\"speaker\":1,\"spoken_language\":null,\"start_ms\":1000,\"end_ms\":1000}",
                   segment, segment, text)
        : snprintf(event, sizeof event,
                   "{\"type\":\"segment.delta\",\"language\":\"en\",\"sequence\":%llu,\"delta\":\"%s\","
                   "\"text\":\"%s\",\"start_ms\":1000,\"speaker\":1}", segment, text, s->text);
    int m = snprintf(head, sizeof head,
                     "POST %s HTTP/1.1\r\nHost: 127.0.0.1\r\nContent-Type: application/json\r\n"
                     "Content-Length: %d\r\n\r\n", s->publish_path, n);
    queue_add(&s->out, head, (size_t)m);
    queue_add(&s->out, event, (size_t)n);
    blocking_send(s->socket, s->out.bytes + s->out.start, queue_count(&s->out));
    s->out.start = s->out.end;
}

static void publish(Source *s, uint64_t now) {
    char text[MAXIMUM_TEXT];
    uint64_t number = atomic_load(&s->published) + 1;
    int is_completed = event_is_completed(number);
    size_t length = event_text(text, number, now, is_completed ? s->text_bytes : s->text_bytes / deltas);
    if (is_completed) {
        s->text_count = 0;
    } else {
        memcpy(s->text + s->text_count, text, length + 1);
        s->text_count += length;
    }
    // Counted first, as it may arrive before this goes on.
    atomic_store(&s->published, number);
    (s->publish_path ? publish_nchan : publish_upstream)(s, number, text);
}

static int is_due(Source *s, uint64_t now, uint64_t next) {
    if (s->rate > 0) return now >= next;
    uint64_t under_way = atomic_load(&s->published) * s->listeners - atomic_load(s->delivered);
    return under_way + s->listeners <= MAXIMUM_WINDOW * s->listeners;
}

// Looks after the sockets of the source for a moment.
static void attend(Source *s) {
    char answer[4096];
    struct pollfd sockets[] = {{.fd = s->socket, .events = POLLIN},
                               {.fd = s->publish_path ? -1 : s->speaker, .events = POLLIN}};
    struct timespec pause = {.tv_nsec = 100000};
    ppoll(sockets, 2, &pause, NULL);
    if (sockets[1].revents) hear(s, &s->speaker_in, s->speaker, 1);
    if (!sockets[0].revents) return;
    if (!s->publish_path) return hear(s, &s->in, s->socket, 0);
    // What nchan answers is not looked at.
    if (recv(s->socket, answer, sizeof answer, 0) <= 0) die("nchan let the publisher go");
}

static void *source_run(void *argument) {
    static char silence[AUDIO_BYTES];
    Source *s = argument;
    if (s->publish_path) s->socket = source_connect(s->port);
    else speak(s);
    if (s->publish_path) atomic_store(&s->is_ready, 1);
    for (uint64_t next = now_ns(), next_audio = next;;) {
        attend(s);
        uint64_t now = now_ns();
        if (!s->publish_path && now >= next_audio) {
            say(s, s->speaker, OPCODE_BINARY, 1, silence, sizeof silence);
            next_audio += AUDIO_MS * 1000000u;
        }
        if (!atomic_load(&s->is_going)) {
            next = now;
        } else if (is_due(s, now, next)) {
            publish(s, now);
            if (s->rate > 0) next += (uint64_t)(1e9 / s->rate);
        }
    }
    return NULL;
}

#endif
