// A WebSocket server on loopback that speaks as much of the Realtime protocol as a relay needs: it
// begins with session.created, confirms session.update, and answers each piece of audio with one. Each
// hundred pieces, ten seconds of speech, it tells of a turn with its transcripts.
//
// usage: upstream; the first line of output is its port. Ends when its input ends.
#include <openssl/evp.h>

#include "frames.h"

enum { MAXIMUM_CLIENTS = 8192 };

typedef struct {
    int socket, is_open, pieces, turns;
    Queue in, out;
} Client;

static Client clients[MAXIMUM_CLIENTS];
static char audio[16384];
static size_t audio_count;

static const char *created =
    "{\"type\":\"session.created\",\"event_id\":\"event_1\",\"session\":{\"type\":\"realtime\",\"object\":"
    "\"realtime.session\",\"id\":\"sess_1\",\"model\":\"gpt-realtime\",\"expires_at\":0}}";
static const char *updated =
    "{\"type\":\"session.updated\",\"event_id\":\"event_2\",\"session\":{\"type\":\"realtime\",\"object\":"
    "\"realtime.session\",\"id\":\"sess_1\",\"model\":\"gpt-realtime\",\"expires_at\":0}}";

static void text(Client *c, const char *bytes) {
    frame_add(&c->out, OPCODE_TEXT, 0, bytes, strlen(bytes));
}

// What was said and answered in a turn, in the events of which a transcript is made.
static const char *turn[] = {
    "{\"type\":\"conversation.item.added\",\"event_id\":\"event_3\",\"previous_item_id\":null,\"item\":"
    "{\"id\":\"item_u%d\",\"type\":\"message\",\"status\":\"completed\",\"role\":\"user\",\"content\":"
    "[{\"type\":\"input_audio\",\"transcript\":null}]}}",
    "{\"type\":\"response.created\",\"event_id\":\"event_4\",\"response\":{\"object\":\"realtime.response\","
    "\"id\":\"resp_%d\",\"status\":\"in_progress\",\"output\":[]}}",
    "{\"type\":\"conversation.item.added\",\"event_id\":\"event_5\",\"item\":{\"id\":\"item_a%d\",\"type\":"
    "\"message\",\"status\":\"in_progress\",\"role\":\"assistant\",\"content\":[]}}",
    "{\"type\":\"conversation.item.input_audio_transcription.completed\",\"event_id\":\"event_6\","
    "\"item_id\":\"item_u%d\",\"content_index\":0,\"transcript\":\"We moved last Saturday, everything is "
    "still in boxes.\"}",
    "{\"type\":\"conversation.item.done\",\"event_id\":\"event_7\",\"item\":{\"id\":\"item_a%d\",\"type\":"
    "\"message\",\"status\":\"completed\",\"role\":\"assistant\",\"content\":[{\"type\":\"output_audio\","
    "\"transcript\":\"Then I will remind you of the boxes next week.\"}]}}",
    "{\"type\":\"response.done\",\"event_id\":\"event_8\",\"response\":{\"object\":\"realtime.response\","
    "\"id\":\"resp_%d\",\"status\":\"completed\",\"output\":[]}}",
};

static void tell_turn(Client *c) {
    char event[1024];
    c->turns++;
    for (size_t i = 0; i < sizeof turn / sizeof *turn; i++) {
        snprintf(event, sizeof event, turn[i], c->turns);
        text(c, event);
    }
}

static void accept_handshake(Client *c) {
    static const char guid[] = "258EAFA5-E914-47DA-95CA-C5AB0DC85B11";
    size_t count = queue_count(&c->in);
    char *head = (char *)queue_room(&c->in, 1) - count, *end, *key;
    head[count] = 0;
    if (!(end = strstr(head, "\r\n\r\n"))) return;
    if (!(key = strcasestr(head, "\r\nSec-WebSocket-Key:"))) die("no key");
    key += 20;
    while (*key == ' ') key++;
    char joined[128], digest[64], coded[128], answer[512];
    size_t length = strcspn(key, "\r");
    snprintf(joined, sizeof joined, "%.*s%s", (int)length, key, guid);
    unsigned int size = 0;
    EVP_Digest(joined, strlen(joined), (unsigned char *)digest, &size, EVP_sha1(), NULL);
    EVP_EncodeBlock((unsigned char *)coded, (unsigned char *)digest, (int)size);
    int n = snprintf(answer, sizeof answer,
                     "HTTP/1.1 101 Switching Protocols\r\nUpgrade: websocket\r\nConnection: Upgrade\r\n"
                     "Sec-WebSocket-Accept: %s\r\n\r\n", coded);
    queue_add(&c->out, answer, (size_t)n);
    c->in.start += (size_t)(end + 4 - head);
    c->is_open = 1;
    text(c, created);
}

static int contains(const uint8_t *payload, size_t count, const char *word) {
    return memmem(payload, count < 128 ? count : 128, word, strlen(word)) != NULL;
}

static void serve(Client *c) {
    int opcode;
    uint8_t *payload;
    size_t count;
    if (!c->is_open) accept_handshake(c);
    while (c->is_open && frame_take(&c->in, &opcode, &payload, &count)) {
        if (opcode == OPCODE_PING) frame_add(&c->out, OPCODE_PONG, 0, payload, count);
        if (opcode == OPCODE_CLOSE) frame_add(&c->out, OPCODE_CLOSE, 0, payload, count);
        if (opcode != OPCODE_TEXT) continue;
        if (contains(payload, count, "input_audio_buffer.append")) {
            frame_add(&c->out, OPCODE_TEXT, 0, audio, audio_count);
            if (++c->pieces % 100 == 0) tell_turn(c);
        } else if (contains(payload, count, "session.update")) {
            text(c, updated);
        }
    }
}

static void drop(Client *c) {
    close(c->socket);
    free(c->in.bytes);
    free(c->out.bytes);
    memset(c, 0, sizeof *c);
    c->socket = -1;
}

int main(void) {
    static char base64[6401];
    memset(base64, 'A', 6400);
    audio_count = (size_t)snprintf(
        audio, sizeof audio,
        "{\"type\":\"response.output_audio.delta\",\"event_id\":\"event_0123456789abcdefghijk\","
        "\"response_id\":\"resp_0123456789abcdefghijk\",\"item_id\":\"item_0123456789abcdefghijk\","
        "\"output_index\":0,\"content_index\":0,\"delta\":\"%s\"}", base64);
    int listener = socket(AF_INET, SOCK_STREAM, 0), on = 1;
    setsockopt(listener, SOL_SOCKET, SO_REUSEADDR, &on, sizeof on);
    struct sockaddr_in address = {.sin_family = AF_INET, .sin_addr.s_addr = htonl(INADDR_LOOPBACK)};
    socklen_t size = sizeof address;
    if (bind(listener, (struct sockaddr *)&address, size) || listen(listener, 4096)) die("listen");
    getsockname(listener, (struct sockaddr *)&address, &size);
    printf("%d\n", ntohs(address.sin_port));
    fflush(stdout);
    make_nonblocking(listener);
    for (int i = 0; i < MAXIMUM_CLIENTS; i++) clients[i].socket = -1;
    int poll = epoll_create1(0);
    struct epoll_event watch = {.events = EPOLLIN, .data.u32 = MAXIMUM_CLIENTS};
    epoll_ctl(poll, EPOLL_CTL_ADD, listener, &watch);
    watch.data.u32 = MAXIMUM_CLIENTS + 1;
    epoll_ctl(poll, EPOLL_CTL_ADD, 0, &watch);
    struct epoll_event events[256];
    for (;;) {
        int ready = epoll_wait(poll, events, 256, -1);
        for (int i = 0; i < ready; i++) {
            uint32_t index = events[i].data.u32;
            if (index == MAXIMUM_CLIENTS + 1) return 0;
            if (index == MAXIMUM_CLIENTS) {
                int socket = accept(listener, NULL, NULL), free_index = 0;
                if (socket < 0) continue;
                while (free_index < MAXIMUM_CLIENTS && clients[free_index].socket >= 0) free_index++;
                if (free_index == MAXIMUM_CLIENTS) die("too many clients");
                make_nonblocking(socket);
                clients[free_index].socket = socket;
                watch.events = EPOLLIN | EPOLLOUT | EPOLLET;
                watch.data.u32 = (uint32_t)free_index;
                epoll_ctl(poll, EPOLL_CTL_ADD, socket, &watch);
                continue;
            }
            Client *c = &clients[index];
            if (c->socket < 0) continue;
            int is_over = 0;
            for (;;) {
                size_t before = queue_count(&c->in);
                is_over = queue_fill(&c->in, c->socket) < 0;
                serve(c);
                if (is_over || queue_count(&c->in) == before || queue_count(&c->in) < 65536) break;
            }
            if (queue_flush(&c->out, c->socket) < 0 || is_over) drop(c);
        }
    }
}
