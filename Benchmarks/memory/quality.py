"""How much of what was said the search finds again, and the next session's prompt still knows."""

import contextlib
import dataclasses
import pathlib
import sys
import tempfile

from harness import SETTINGS, Row, percentile, ratio
from memory import dataset, scoring
from memory.asking import remembering
from support.processes import SERVICE_KEY, Broker, running

BUDGETS = (1000, 2000, 4000, 8000)
BUDGET = 4000
SCORERS = pathlib.Path(__file__).parent


@dataclasses.dataclass
class Quality:
    """What one run came to; tables are the scorers', by category and column."""

    questions: int
    recall: dict
    recall_page: str
    alone: dict | None
    prompts: dict
    last: dict
    chance: dict
    strange: int
    differing: int
    search_ms: list
    prompt_ms: list

    @property
    def reached(self):
        """The scores that have a least."""
        recall, prompt = self.recall["ALL"], self.prompts[BUDGET]["ALL"]
        return {name: (recall | prompt)[name] for name in scoring.LEAST}

    @property
    def crowd(self):
        """How many points of R@10 other users in the same store cost."""
        return 0 if self.alone is None else self.alone["ALL"]["R@10"] - self.recall["ALL"]["R@10"]

    @property
    def misses(self):
        """What is not as it should be, a line each."""
        reached = self.reached
        lines = [f"{name} is {reached[name]:.1f}, and should be {least} or more"
                 for name, least in scoring.LEAST.items() if reached[name] < least]
        if self.strange:
            lines.append(f"{self.strange} hits were another user's")
        if self.differing:
            lines.append(f"{self.differing} prompts were not the same when asked for again")
        if self.crowd > scoring.CROWD_POINTS:
            lines.append(f"other users in the store cost {self.crowd:.1f} points of R@10")
        return lines


def examine(data, scorers, server=None, key=SERVICE_KEY):
    """Feeds a broker the data set and scores it; without a server, starts its own."""
    conversations = dataset.load(data)
    with tempfile.TemporaryDirectory(prefix="broker-memory-") as folder:
        tools = scoring.Scorers(scorers, data, folder)
        with server_or_own(server, folder, "all") as together:
            memories = remembering(together, conversations, key)
            results, strange = recall(memories)
            texts, differing, prompt_ms = prompts(conversations, memories)
        alone = None if server else tools.recall(recall_alone(conversations, folder))[0]
        table, page = tools.recall(results)
        last = {tokens: tools.prompt({c["id"]: dataset.last_messages(c, tokens)
                                      for c in conversations}) for tokens in BUDGETS}
        return Quality(
            questions=table["ALL"]["n"], recall=table, recall_page=page, alone=alone,
            prompts={tokens: tools.prompt(texts[tokens]) for tokens in BUDGETS}, last=last,
            chance=tools.prompt(texts[BUDGET], chance=True), strange=strange,
            differing=differing, search_ms=[result["ms"] for result in results],
            prompt_ms=prompt_ms)


@contextlib.contextmanager
def server_or_own(server, folder, name):
    """The given server, or a broker on an empty database for as long as it is needed."""
    if server:
        yield server
    else:
        with running(Broker(pathlib.Path(folder) / f"{name}.sqlite", SETTINGS)) as own:
            yield own


def recall(memories):
    """All results, and how many hits were another user's."""
    found = [memory.recall() for memory in memories]
    return [result for results, _ in found for result in results], sum(n for _, n in found)


def recall_alone(conversations, folder):
    """The results where each conversation has a broker to itself."""
    results = []
    for conversation in conversations:
        with server_or_own(None, folder, conversation["id"]) as server:
            results += recall(remembering(server, [conversation], SERVICE_KEY))[0]
    return results


def prompts(conversations, memories):
    """Prompts by budget and conversation, how many were others the second time, and latencies."""
    texts, differing, times = {}, 0, []
    for tokens in BUDGETS:
        texts[tokens] = {}
        for conversation, memory in zip(conversations, memories):
            (first, one), (again, two) = memory.prompt(tokens), memory.prompt(tokens)
            differing += first != again
            texts[tokens][conversation["id"]] = first
            times += [one, two]
    return texts, differing, times


def measure(_plan):
    """The benchmark's rows; none where the data set is not there."""
    if absent := scoring.missing(dataset.DEFAULT, SCORERS):
        print(f"not measured, because it is missing: {', '.join(absent)}", file=sys.stderr)
        return []
    return rows(examine(dataset.DEFAULT, SCORERS))


def rows(quality):
    """A line for each score that has a least, and for what must not be at all."""
    ours, last = quality.reached, quality.last[BUDGET]["ALL"]
    alone = quality.alone["ALL"] if quality.alone else {}
    made = []
    for name, what in (
            ("R@10", "recall: evidence among the first 10 hits"),
            ("B2000", "recall: evidence within 2,000 tokens of hits")):
        other = f"each user in a store alone: {alone[name]:.1f} %" if alone else "-"
        made.append(row(f"{what}, {quality.questions:,} questions", name, ours[name], other, None))
    for name, what in (
            ("supp_all", "all evidence is in it"), ("answer", "the answer is in it")):
        made.append(row(
            f"prompt of {BUDGET:,} tokens: {what}", name, ours[name],
            f"last messages that fit: {last[name]:.1f} %", ours[name] / last[name]))
    clean = not (quality.strange or quality.differing)
    made.append(Row(
        "recall of other users' messages; prompts that differ when made again",
        f"{quality.strange}; {quality.differing}", "-", "-", "0; 0", clean))
    return made


def row(what, name, ours, other, times):
    least = scoring.LEAST[name]
    return Row(what, f"{ours:.1f} %", other, ratio(times) if times else "-", f">= {least} %",
               ours >= least)


def page(quality):
    """Everything, to be read by people."""
    columns = ("evid", "support", "supp_all", "answer")
    lines = [quality.recall_page.rstrip(), ""]
    lines.append(f"{'prompt':<28}" + "".join(f"{column:>10}" for column in columns))
    for tokens in BUDGETS:
        for name, tables in (("", quality.prompts), (", last messages", quality.last)):
            lines.append(line(f"{tokens} tokens{name}", tables[tokens]["ALL"], columns))
    lines.append(line(f"{BUDGET} tokens, by chance", quality.chance["ALL"], columns))
    lines += [line(f"{BUDGET} tokens, {category}", table, columns)
              for category, table in quality.prompts[BUDGET].items() if category != "ALL"]
    lines += ["", latency("search", quality.search_ms), latency("prompt", quality.prompt_ms)]
    if quality.alone is not None:
        lines.append(f"R@10 with each user in a store alone: {quality.alone['ALL']['R@10']:.1f}")
    return "\n".join(lines + [*quality.misses, ""])


def line(name, table, columns):
    cells = ("-" if table[column] is None else f"{table[column]:.1f}" for column in columns)
    return f"{name:<28}" + "".join(f"{cell:>10}" for cell in cells)


def latency(name, times):
    return (f"{name}: p50 {percentile(times, .5):.2f} ms, p99 {percentile(times, .99):.2f} ms, "
            f"{len(times)} requests")
