#!/usr/bin/env python3
"""Score a built session prompt (no query known) against LoCoMo evidence, without a model. Python 3.8+, stdlib only.

  prompt_score.py DATASET.json PROMPTS.jsonl [--json] [--null] [--window 60] [--keep 0.6]

DATASET.json   the shape described in README.md
PROMPTS.jsonl  one object a line: {"conversation": "conv-26", "prompt": "full text of the memory part of the prompt"}
               (score the memory sections alone; fixed base instructions only add to the token count)

Everything is judged on content words: lower case, possessive and stop words dropped, light suffix stripping, each
word weighted by its rarity over the conversation's messages (ln(messages / messages with the word)). A message is
looked for inside every stretch of --window words of the prompt (or 1.5 x the message's own words if longer), so a
long prompt earns nothing by scattering the words, and a summary may paraphrase the glue.

  evid       mean over questions of the share of its evidence messages kept: some stretch holds >= --keep of the
             message's word weight
  evid_all   share of questions whose every evidence message is kept that way
  support    mean share kept of the words that matter: (question + answer words) found in the evidence message,
             best stretch (all the message's words when there is no overlap); answers exist for 4 categories, the
             adversarial ones use the dataset's misleading answer, which does occur in the evidence
  supp_all   share of questions with support >= 0.6 for every evidence message
  answer     share of questions whose answer words (>= 0.8 of the weight; multi-hop: mean over comma parts) stand in
             one stretch. Read it against --null: short answers are often there by luck, and temporal answers are
             usually dates worked out from "yesterday", seldom verbatim
  verbatim   mean share of evidence messages standing word for word in the prompt
  tokens     ceil(utf8 bytes / 4), mean and largest

--null scores every conversation against the NEXT conversation's prompt: what chance alone gives.
A conversation with no prompt counts as an empty prompt.
"""
import argparse, json, math, re, sys
from bisect import bisect_left
from collections import Counter, defaultdict

STOP = set("""a an the and or but if of to in on at by for with from about as is are was were be been being am do does did
doing have has had having i you he she it we they me him her us them my your his its our their this that these those what
which who whom whose when where why how can could will would shall should may might must not no nor so than too very s t d
ll re ve m just there here then also some any each other into over out up down off again more most only own same during
oh wow hey yeah yes""".split())
WORD = re.compile(r"[a-z0-9]+")

def stem(w):
    if len(w) > 4:
        for suf, rep in (("ations", "ate"), ("ation", "ate"), ("ingly", ""), ("edly", ""), ("ings", ""), ("ing", ""), ("ies", "y"),
                         ("ied", "y"), ("sses", "ss"), ("ness", ""), ("ful", ""), ("ed", ""), ("es", ""), ("ly", ""), ("s", "")):
            if w.endswith(suf) and len(w) - len(suf) >= 3 and not (suf == "s" and w.endswith("ss")):
                w = w[: len(w) - len(suf)] + rep; break
    elif len(w) == 4 and w.endswith("s") and not w.endswith("ss"):
        w = w[:-1]
    if len(w) > 3 and w[-1] == w[-2] and w[-1] not in "lsz": w = w[:-1]
    if len(w) > 3 and w.endswith("e"): w = w[:-1]
    return w

def words(s): return WORD.findall(re.sub(r"['’]s\b", "", s.lower()))
def stems(s): return [stem(w) for w in words(s) if w not in STOP]
def flat(s): return " " + " ".join(words(s)) + " "

class Prompt:
    def __init__(self, text):
        self.text = text; self.flat = flat(text); self.tokens = math.ceil(len(text.encode("utf-8")) / 4)
        self.at = defaultdict(list)
        for i, w in enumerate(words(text)):
            if w not in STOP: self.at[stem(w)].append(i)
    def best(self, need, idf, width):
        """largest share of need's weight standing inside one stretch of `width` words"""
        total = sum(idf(x) for x in need)
        if total <= 0: return 0.0
        occ = sorted((p, x) for x in need for p in self.at.get(x, ()))
        have, lo, cur, top = Counter(), 0, 0.0, 0.0
        for p, x in occ:
            if have[x] == 0: cur += idf(x)
            have[x] += 1
            while occ[lo][0] <= p - width:
                y = occ[lo][1]; have[y] -= 1
                if have[y] == 0: cur -= idf(y)
                lo += 1
            top = max(top, cur)
        return min(top / total, 1.0)

def main():
    ap = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    ap.add_argument("dataset"); ap.add_argument("prompts")
    ap.add_argument("--window", type=int, default=60); ap.add_argument("--keep", type=float, default=0.6)
    ap.add_argument("--null", action="store_true"); ap.add_argument("--json", action="store_true")
    a = ap.parse_args()
    data = json.load(open(a.dataset, encoding="utf-8")); text = {}
    for n, line in enumerate(open(a.prompts, encoding="utf-8"), 1):
        if not line.strip(): continue
        try: r = json.loads(line); text[r["conversation"]] = r["prompt"]
        except (ValueError, KeyError, TypeError): sys.exit("line %d of %s is not {\"conversation\":…,\"prompt\":…}" % (n, a.prompts))
    convs = data["conversations"]; acc = defaultdict(lambda: defaultdict(list)); toks = []; per = {}
    for ci, c in enumerate(convs):
        src = convs[(ci + 1) % len(convs)]["id"] if a.null else c["id"]
        p = Prompt(text.get(src, "")); toks.append(p.tokens)
        msg = {m["id"]: m for s in c["sessions"] for m in s["messages"]}
        sets = {i: set(stems(m["text"])) for i, m in msg.items()}
        df = Counter(x for s in sets.values() for x in s); n = len(msg)
        names = set(x for v in c["speakers"].values() for x in stems(v))
        idf = lambda x: 0.0 if x in names else math.log(n / df[x]) if df.get(x) else math.log(n)
        width = {i: max(a.window, int(1.5 * len(words(m["text"])))) for i, m in msg.items()}
        kept, here = {}, defaultdict(list)
        for q in c["questions"]:
            if not q["evidence"]: continue
            ans = q["answer"] or q.get("adversarialAnswer") or ""
            qa = set(stems(q["question"] + " " + ans)); row = defaultdict(list)
            for e in q["evidence"]:
                if e not in kept:
                    kept[e] = (p.best(sets[e], idf, width[e]) >= a.keep, flat(msg[e]["text"]) in p.flat)
                row["evid"].append(float(kept[e][0])); row["verbatim"].append(float(kept[e][1]))
                need = (qa & sets[e]) - names or sets[e]
                row["support"].append(p.best(need, idf, width[e]))
            out = {k: sum(v) / len(v) for k, v in row.items()}
            out["evid_all"] = float(all(row["evid"])); out["supp_all"] = float(min(row["support"]) >= 0.6)
            if q["answer"] and q["category"] != "adversarial":
                parts = q["answer"].split(",") if q["category"] == "multi-hop" else [q["answer"]]
                got = [p.best(set(stems(x)), idf, a.window) >= 0.8 for x in parts if stems(x)]
                if got: out["answer"] = sum(got) / len(got)
            for k, v in out.items():
                acc["ALL"][k].append(v); acc[q["category"]][k].append(v); here[k].append(v)
        per[c["id"]] = {"tokens": p.tokens, "evid": 100 * sum(here["evid"]) / len(here["evid"]), "support": 100 * sum(here["support"]) / len(here["support"])}
    cols = ["evid", "evid_all", "support", "supp_all", "answer", "verbatim"]
    order = [x for x in ["ALL"] + data.get("categories", []) if x in acc]
    table = {x: dict([("n", len(acc[x]["evid"]))] + [(k, 100 * sum(acc[x][k]) / len(acc[x][k]) if acc[x][k] else None) for k in cols]) for x in order}
    extra = {"tokens_mean": sum(toks) / max(len(toks), 1), "tokens_max": max(toks or [0]), "missing_prompts": [c["id"] for c in convs if c["id"] not in text], "per_conversation": per}
    if a.json: print(json.dumps({"table": table, **extra}, indent=1)); return
    print("%-13s %5s " % ("category", "n") + " ".join("%9s" % k for k in cols))
    for x in order: print("%-13s %5d " % (x, table[x]["n"]) + " ".join("%9s" % ("-" if table[x][k] is None else "%.1f" % table[x][k]) for k in cols))
    print("tokens mean %.0f max %d%s" % (extra["tokens_mean"], extra["tokens_max"], "  NULL RUN (other conversation's prompt)" if a.null else ""))
    for k, v in per.items(): print("  %s  tokens %d  evid %.1f  support %.1f" % (k, v["tokens"], v["evid"], v["support"]))
    if extra["missing_prompts"]: print("missing:", extra["missing_prompts"])

if __name__ == "__main__": main()
