"""What a long history costs: the same reads and writes behind 1,000 messages and behind many."""

from harness import TEXT, Client, Row, broker, median, ratio, wrk
from support.processes import running

SMALL = 1000
BATCH = 5000
AIM = 1.2
SAMPLES = 500


class History:
    """One user with one conversation of a given length."""

    def __init__(self, plan, server, count):
        self.plan = plan
        self.url = server.url
        self.user = f"history-{count}"
        client = Client(server, self.user)
        self.conversation = client.conversation()
        self.path = f"/api/conversations/{self.conversation}/messages"
        ids = self._fill(client, count)
        # Reads are measured alone, not while these messages are still being indexed.
        client.settle()
        step = max(1, len(ids) // SAMPLES)
        self.sample = ids[::step][:SAMPLES]

    def _fill(self, client, count):
        ids = []
        for start in range(0, count, BATCH):
            messages = [
                {"item_id": f"item_{n}", "role": "assistant" if n % 2 else "user",
                 "content": f"{TEXT} ({n})"} for n in range(start, min(start + BATCH, count))]
            stored = client.call("POST", self.path, {"messages": messages})
            ids += [message["id"] for message in stored["data"]]
        return ids

    def read(self, name, paths):
        file = self.plan.folder / f"{self.user}-{name}.paths"
        file.write_text("".join(path + "\n" for path in paths))
        return wrk(self.url, "get.lua", [self.user, str(file)], 1, self.plan.seconds)

    def measure(self):
        """One round of everything."""
        environment = {"BENCH_RUN": "h", "BENCH_TEXT": TEXT}
        return {
            "get one message": self.read("get", [f"/api/messages/{id}" for id in self.sample]),
            "list 20, newest first": self.read("newest", [self.path + "?order=desc"]),
            "list 20 from anywhere": self.read(
                "middle", [f"{self.path}?after={id}" for id in self.sample]),
            "append one message": wrk(
                self.url, "post.lua", [self.user, "plain", self.conversation], 1,
                self.plan.seconds, environment),
        }


def measure(plan):
    with running(broker(plan, "history")) as server:
        histories = [History(plan, server, SMALL), History(plan, server, plan.history)]
        rounds = [[history.measure() for history in histories] for _ in range(plan.rounds)]
    rows = []
    for name in rounds[0][0]:
        small, large = ([one[side][name] for one in rounds] for side in (0, 1))
        few, many = median(small, "p50_ms"), median(large, "p50_ms")
        rows.append(Row(
            f"{name}, history of {plan.history:,}",
            f"p50 {many:.3f} ms, p99 {median(large, 'p99_ms'):.2f} ms",
            f"history of {SMALL:,}: p50 {few:.3f} ms, p99 {median(small, 'p99_ms'):.2f} ms",
            ratio(many / few), f"<= {AIM}x", many / few <= AIM))
    return rows
