"""What remembering costs behind 1,000 messages of one user and behind many."""

import json
import threading
import time

from harness import SERVICE_KEY, Client, Row, broker, median, percentile, ratio, wrk
from memory.speech import Speech
from support.processes import running

SMALL = 1000
BATCH = 1000
SAMPLES = 500
RATIO, BLOCK_MS, RECALL_MS = 1.2, 2, 20
MINT = '{"transport":"websocket","context":{"max_tokens":4000}}'
FRESH = 100
# Appending: this many messages a second, in requests of BEAT seconds' worth each.
RATE, BEAT, APPEND_SECONDS = 5000, 0.05, 10
# Keeping up: never further behind than what a second brings.
CATCH_UP_SECONDS = 1


class Past:
    """One user who said a number of things, in conversations of a batch each."""

    def __init__(self, plan, server, speech, count):
        self._plan, self._server, self._speech = plan, server, speech
        self.user = f"past-{count}"
        self._client = Client(server, self.user)
        for start in range(0, count, BATCH):
            self._add(speech.messages(start, min(start + BATCH, count)))
        self._said = count
        self._client.settle()

    def measure(self):
        """One round of everything, by name."""
        context = self._file("context", ["/api/context?max_tokens=4000"])
        loads = {
            "context": self._wrk("get.lua", self.user, context),
            "mint": self._wrk("mint.lua", "/api/session", SERVICE_KEY, self.user, MINT),
        }
        for name, queries in self._speech.queries(SAMPLES).items():
            bodies = self._file("recall", [json.dumps({"query": query}) for query in queries])
            loads[name] = self._wrk("recall.lua", "/api/recall", self.user, bodies)
        return loads

    def fresh(self):
        """Milliseconds for the context, each time right after something new was indexed."""
        times = []
        # The connection of the first messages was idle for long, and is closed by now.
        self._client = Client(self._server, self.user)
        for _ in range(FRESH):
            self._add(self._speech.messages(self._said, self._said + 1))
            self._said += 1
            self._client.settle()
            times.append(self._client.timed("GET", "/api/context?max_tokens=4000")[1])
        return times

    def _add(self, messages):
        conversation = self._client.conversation()
        self._client.call(
            "POST", f"/api/conversations/{conversation}/messages", {"messages": messages})

    def _file(self, name, lines):
        file = self._plan.folder / f"{self.user}.{name}"
        file.write_text("".join(line + "\n" for line in lines))
        return str(file)

    def _wrk(self, script, *arguments):
        return wrk(self._server.url, script, arguments, 1, self._plan.seconds)


def measure(plan):
    speech = Speech()
    with running(broker(plan, "memory")) as server:
        pasts = [Past(plan, server, speech, count) for count in (SMALL, plan.history)]
        rounds = [[past.measure() for past in pasts] for _ in range(plan.rounds)]
        fresh = [past.fresh() for past in pasts]
        appended = keep_up(server, pasts[1].user, speech, plan.history)
    loads = [{name: [one[side][name] for one in rounds] for name in rounds[0][0]} for side in (0, 1)]
    return [
        block("context block of 4,000 tokens", plan, *(side["context"] for side in loads)),
        after_news(plan, *fresh),
        mint(plan, *(side["mint"] for side in loads)),
        *(recall(name, plan, *(side[name] for side in loads)) for name in speech.queries(1)),
        appended,
    ]


def times(loads):
    return f"p50 {median(loads, 'p50_ms'):.3f} ms, p99 {median(loads, 'p99_ms'):.2f} ms"


def beside(loads):
    return f"{SMALL:,} messages: {times(loads)}"


def growth(small, large):
    return median(large, "p50_ms") / median(small, "p50_ms")


def block(what, plan, small, large):
    grown, p99 = growth(small, large), median(large, "p99_ms")
    return Row(f"{what}, {plan.history:,} messages", times(large), beside(small), ratio(grown),
               f"<= {RATIO}x, p99 < {BLOCK_MS} ms", grown <= RATIO and p99 < BLOCK_MS)


def mint(plan, small, large):
    grown = growth(small, large)
    return Row(f"mint with context (no upstream call), {plan.history:,} messages", times(large),
               beside(small), ratio(grown), f"<= {RATIO}x", grown <= RATIO)


def recall(name, plan, small, large):
    return Row(f"recall, {name}, {plan.history:,} messages", times(large), beside(small),
               ratio(growth(small, large)), f"p99 < {RECALL_MS} ms",
               median(large, "p99_ms") < RECALL_MS)


def after_news(plan, small, large):
    """The block where it must be made anew, which is bounded; timed by the plain client."""
    def text(values):
        return f"p50 {percentile(values, .5):.3f} ms, p99 {percentile(values, .99):.2f} ms"

    grown = percentile(large, .5) / percentile(small, .5)
    return Row(f"context block right after a new message, {plan.history:,} messages", text(large),
               f"{SMALL:,} messages: {text(small)}", ratio(grown), "-", None)


def keep_up(server, user, speech, number):
    """Appends at a fixed rate, and watches how far indexing falls behind."""
    watched, done = [], threading.Event()
    watcher = threading.Thread(target=watch, args=(Client(server, user), watched, done))
    client = Client(server, user)
    path = f"/api/conversations/{client.conversation()}/messages"
    size = int(RATE * BEAT)
    batches = [{"messages": speech.messages(start, start + size)}
               for start in range(number, number + RATE * APPEND_SECONDS, size)]
    watcher.start()
    try:
        began = time.monotonic()
        for beat, batch in enumerate(batches):
            time.sleep(max(0, began + beat * BEAT - time.monotonic()))
            client.call("POST", path, batch)
        ended = time.monotonic()
        client.settle()
        caught_up = time.monotonic() - ended
    finally:
        done.set()
        watcher.join()
    rate = len(batches) * size / max(ended - began, APPEND_SECONDS)
    most = max(watched, default=0)
    met = most <= RATE * CATCH_UP_SECONDS and caught_up <= CATCH_UP_SECONDS
    return Row(
        f"indexing while {RATE:,} messages/s are appended for {APPEND_SECONDS} s",
        f"{rate:,.0f}/s taken, at most {most:,} behind, caught up {caught_up:.2f} s after the last",
        "-", "-", f"never more than {CATCH_UP_SECONDS} s behind", met)


def watch(client, seen, done):
    while not done.wait(BEAT):
        seen.append(client.behind())
