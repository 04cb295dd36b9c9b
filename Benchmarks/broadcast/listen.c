// Listeners of a broadcast, half of them by WebSocket and half by server-sent events, and what is told to
// them. Source and listeners are threads of one program, so that one clock says how late an event is.
//
// usage: listen PORT SOCKET_PATH EVENTS_PATH READY_MARK LISTENERS STALLED DELTAS TEXT_BYTES RATE SECONDS
//            SOURCE...
//   READY_MARK  what a listener is told when it is let in; empty if nothing is
//   STALLED     so many more listeners who read nothing
//   DELTAS      how many tell of a segment before it is completed
//   TEXT_BYTES  the length of a segment's text
//   RATE        events a second; 0 for the next as soon as all listeners have all but the last few
//   SOURCE      "publish" PATH, or "upstream" DESCRIPTOR SPEAK_PATH HEADER: a listening socket that the
//               broker takes for upstream, and how one speaks
// Prints "ready" when all listen, and waits for a line; measures for SECONDS, waits for what is under way,
// and prints what it saw as JSON; "wrong" are listeners who miss something or got it twice.
#include <pthread.h>
#include <signal.h>
#include <sys/resource.h>

#include "listeners.h"
#include "source.h"

enum { WARM_UP_NS = 1000000000, LAST_WAIT_S = 20, STALLED_BYTES = 1 << 20 };

static Listener *stalled;
static int stalled_count, waiter;

static void look(int timeout) {
    struct epoll_event events[512];
    int ready = epoll_wait(waiter, events, 512, timeout);
    for (int i = 0; i < ready; i++) listener_read(&listeners[events[i].data.u32]);
}

static void connect_all(int port, const char *socket_path, const char *events_path) {
    for (int i = 0; i < listener_count; i++) {
        Listener *l = &listeners[i];
        struct epoll_event watch = {.events = EPOLLIN, .data.u32 = (uint32_t)i};
        l->is_events = i % 2;
        l->socket = listener_socket(port, i);
        listener_ask(l, port, socket_path, events_path);
        epoll_ctl(waiter, EPOLL_CTL_ADD, l->socket, &watch);
        // A few at a time, so that no queue of connections overflows.
        while (i + 1 - listeners_ready >= 64) look(10);
    }
    while (listeners_ready < listener_count) look(10);
    for (int i = 0; i < stalled_count; i++) {
        char answer[13] = "";
        stalled[i].is_events = i % 2;
        stalled[i].socket = listener_socket(port, listener_count + i);
        listener_ask(&stalled[i], port, socket_path, events_path);
        if (recv(stalled[i].socket, answer, 12, MSG_WAITALL) != 12 || answer[9] == '4') die(answer);
    }
}

// Whether one who read nothing was let go: behind what is on its way, there is an end.
static int is_dropped(int socket) {
    static char bytes[1 << 20];
    struct pollfd one = {.fd = socket, .events = POLLIN};
    for (size_t count = 0; count < STALLED_BYTES && poll(&one, 1, 300) == 1;) {
        ssize_t n = recv(socket, bytes, sizeof bytes, MSG_DONTWAIT);
        if (n == 0 || (n < 0 && errno != EAGAIN)) return 1;
        if (n > 0) count += (size_t)n;
    }
    return 0;
}

static int count_dropped(void) {
    int dropped = 0;
    for (int i = 0; i < stalled_count; i++) dropped += is_dropped(stalled[i].socket);
    return dropped;
}

static double percentile_ms(const uint32_t *a, const uint32_t *b, double share) {
    uint64_t total = 0, seen = 0;
    for (int i = 0; i < STEPS; i++) total += a[i] + (b ? b[i] : 0);
    for (int i = 0; i < STEPS; i++)
        if ((seen += a[i] + (b ? b[i] : 0)) && seen >= total * share) return (i + 1) * (STEP_NS / 1e6);
    return 0;
}

static double thread_seconds(void) {
    struct rusage used;
    getrusage(RUSAGE_THREAD, &used);
    return (double)(used.ru_utime.tv_sec + used.ru_stime.tv_sec)
        + (double)(used.ru_utime.tv_usec + used.ru_stime.tv_usec) / 1e6;
}

// How many have not got everything, or something twice.
static int count_wrong(uint64_t published) {
    int wrong = 0;
    for (int i = 0; i < listener_count; i++) {
        Listener *l = &listeners[i];
        wrong += l->count != published || l->sum != published * (published + 1) / 2;
    }
    return wrong;
}

static void say_line(const char *line) {
    printf("%s\n", line);
    fflush(stdout);
}

static void look_until(uint64_t end) {
    while (now_ns() < end) look(10);
}

static void await_line(void) {
    char line[16];
    struct pollfd input = {.fd = 0, .events = POLLIN};
    while (!poll(&input, 1, 0)) look(10);
    if (!fgets(line, sizeof line, stdin)) exit(1);
}

// Lets the source speak, and gives the time that the listeners took of a core.
static double measure(Source *source, int seconds) {
    uint64_t from = now_ns() + WARM_UP_NS, until = from + (uint64_t)seconds * 1000000000u;
    atomic_store(&measured_until, until);
    atomic_store(&measured_from, from);
    atomic_store(&source->is_going, 1);
    look_until(from);
    say_line("measuring");
    double cpu = thread_seconds();
    look_until(until);
    cpu = thread_seconds() - cpu;
    say_line("measured");
    atomic_store(&source->is_going, 0);
    return cpu;
}

// Waits for what is under way; anything that is doubled would come right behind it.
static uint64_t settle(Source *source) {
    uint64_t published, limit = now_ns() + LAST_WAIT_S * 1000000000ull;
    do {
        look(10);
        published = atomic_load(&source->published);
    } while (atomic_load(&delivered) < published * (uint64_t)listener_count && now_ns() < limit);
    look_until(now_ns() + 200000000u);
    return published;
}

static void report(int seconds, double cpu, int wrong) {
    printf("{\"per_second\": %.0f, \"bytes\": %.0f, \"p50_ms\": %.2f, \"p99_ms\": %.2f, "
           "\"delta_p99_ms\": %.2f, \"completed_p99_ms\": %.2f, \"reader_share\": %.3f, "
           "\"wrong\": %d, \"dropped\": %d}\n",
           (double)arrived / seconds, arrived ? (double)arrived_bytes / (double)arrived : 0,
           percentile_ms(delays[0], delays[1], .5), percentile_ms(delays[0], delays[1], .99),
           percentile_ms(delays[0], NULL, .99), percentile_ms(delays[1], NULL, .99), cpu / seconds,
           wrong, count_dropped());
    fflush(stdout);
}

static void read_source(Source *source, char **argv) {
    source->port = atoi(argv[1]);
    source->listeners = (uint64_t)listener_count;
    source->delivered = &delivered;
    deltas = (unsigned)atoi(argv[7]);
    source->text_bytes = (size_t)atoi(argv[8]);
    source->rate = atof(argv[9]);
    if (!strcmp(argv[11], "publish")) {
        source->publish_path = argv[12];
    } else {
        source->listener = atoi(argv[12]);
        source->speak_path = argv[13];
        source->header = argv[14];
    }
}

int main(int argc, char **argv) {
    static Source source;
    if (argc < 13) return 2;
    int seconds = atoi(argv[10]);
    ready_mark = argv[4];
    listener_count = atoi(argv[5]);
    stalled_count = atoi(argv[6]);
    listeners = calloc((size_t)listener_count, sizeof *listeners);
    stalled = calloc((size_t)stalled_count + 1, sizeof *stalled);
    for (int i = 0; i < 2; i++) delays[i] = calloc(STEPS, sizeof **delays);
    read_source(&source, argv);
    signal(SIGPIPE, SIG_IGN);
    waiter = epoll_create1(0);
    pthread_t thread;
    pthread_create(&thread, NULL, source_run, &source);
    while (!atomic_load(&source.is_ready)) usleep(1000);
    connect_all(source.port, argv[2], argv[3]);
    say_line("ready");
    await_line();
    double cpu = measure(&source, seconds);
    report(seconds, cpu, count_wrong(settle(&source)));
    // The source's thread may be in the middle of something.
    _exit(0);
}
