#!/usr/bin/env python3
"""Score a memory search engine's ranked results against LoCoMo evidence. Python 3.8+, standard library only.

  retrieval_score.py DATASET.json RESULTS.jsonl [--k 5,10,25,50] [--budgets 1000,2000,4000] [--json] [--no-adversarial]

DATASET.json   the shape described in README.md
RESULTS.jsonl  one object a line:
               {"id": "conv-26/q000", "results": ["D1:3", "D1:5", ...], "ms": 2.1}
               results = external ids of the messages the engine returned, best first (at least max(k) of them, and
               enough to fill the largest budget if the budget columns matter). "ms" (optional) = that query's latency.

Printed, overall and per category:
  R@k     mean over questions of |evidence in the first k| / |evidence|   (LoCoMo paper's recall accuracy)
  all@k   share of questions with every evidence message in the first k
  B n     recall of what fits in n tokens when results are written out in rank order (cost of a message =
          ceil(utf8 bytes of "- <speaker>: <content>\\n" / 4)); the first message that would overflow ends the list
Questions without usable evidence are left out (4 of 1,986); the LoCoMo paper counts them as recall 1 (+<0.1 point).
A question with no line in RESULTS counts as recall 0. Ids the dataset does not know count as a (wasted) rank.
"""
import argparse, json, math, sys
from collections import defaultdict

def content(m):
    return m["text"] + (" [shares " + m["imageCaption"] + "]" if m.get("imageCaption") else "")

def cost(m):
    return math.ceil(len(("- %s: %s\n" % (m["speaker"], content(m))).encode("utf-8")) / 4)

def percentile(xs, p):
    xs = sorted(xs)
    return xs[min(len(xs) - 1, int(p * len(xs)))]

def main():
    ap = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    ap.add_argument("dataset"); ap.add_argument("results")
    ap.add_argument("--k", default="5,10,25,50"); ap.add_argument("--budgets", default="1000,2000,4000")
    ap.add_argument("--json", action="store_true"); ap.add_argument("--no-adversarial", action="store_true")
    a = ap.parse_args()
    ks = [int(x) for x in a.k.split(",") if x]; budgets = [int(x) for x in a.budgets.split(",") if x]
    data = json.load(open(a.dataset, encoding="utf-8"))
    got, latency, unknown = {}, [], 0
    for n, line in enumerate(open(a.results, encoding="utf-8"), 1):
        if not line.strip(): continue
        try: r = json.loads(line); rid, lst = r["id"], r["results"]
        except (ValueError, KeyError, TypeError): sys.exit("line %d of %s is not {\"id\":…,\"results\":[…]}" % (n, a.results))
        if rid in got: sys.exit("line %d: second result list for %s" % (n, rid))
        seen = set(); got[rid] = [x for x in lst if not (x in seen or seen.add(x))]
        if isinstance(r.get("ms"), (int, float)): latency.append(r["ms"])
    acc = defaultdict(lambda: defaultdict(list)); missing = 0; asked = set()
    for c in data["conversations"]:
        msg = {m["id"]: m for s in c["sessions"] for m in s["messages"]}
        for q in c["questions"]:
            asked.add(q["id"])
            if not q["evidence"] or (a.no_adversarial and q["category"] == "adversarial"): continue
            ranked = got.get(q["id"])
            if ranked is None: missing += 1; ranked = []
            unknown += sum(1 for x in ranked if x not in msg)
            gold = q["evidence"]; pos = {x: i for i, x in enumerate(ranked)}
            rows = {}
            for k in ks:
                hit = [pos.get(e, 10**9) < k for e in gold]
                rows["R@%d" % k] = sum(hit) / len(gold); rows["all@%d" % k] = float(all(hit))
            spent, reach, i = 0, {b: 0 for b in budgets}, 0
            for i, x in enumerate(ranked, 1):
                spent += cost(msg[x]) if x in msg else 0
                for b in budgets:
                    if spent <= b: reach[b] = i
            for b in budgets: rows["B%d" % b] = sum(pos.get(e, 10**9) < reach[b] for e in gold) / len(gold)
            for key, val in rows.items():
                acc[q["category"]][key].append(val); acc["ALL"][key].append(val)
    cols = ["R@%d" % k for k in ks] + ["all@%d" % k for k in ks] + ["B%d" % b for b in budgets]
    order = ["ALL"] + [c for c in data.get("categories", []) if c in acc]
    table = {c: dict([("n", len(acc[c][cols[0]]))] + [(k, 100 * sum(acc[c][k]) / len(acc[c][k])) for k in cols]) for c in order if acc[c]}
    extra = {"questions_without_results": missing, "unknown_ids": unknown, "result_lines_for_unknown_questions": len(set(got) - asked)}
    if latency: extra["latency_ms"] = {"p50": percentile(latency, .5), "p95": percentile(latency, .95), "max": max(latency)}
    if a.json: print(json.dumps({"table": table, **extra}, indent=1)); return
    print("%-13s %5s " % ("category", "n") + " ".join("%7s" % c for c in cols))
    for c in order:
        if c in table: print("%-13s %5d " % (c, table[c]["n"]) + " ".join("%7.1f" % table[c][k] for k in cols))
    print(json.dumps(extra))

if __name__ == "__main__": main()
