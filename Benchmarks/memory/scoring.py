"""Runs the scorers, and says which scores are too low."""

import json
import pathlib
import subprocess
import sys

HERE = pathlib.Path(__file__).parent
RETRIEVAL, PROMPT = "retrieval_score.py", "prompt_score.py"
# The least that a build must reach on the development data; `all users in one store`.
LEAST = {"R@10": 82, "B2000": 90, "supp_all": 75, "answer": 64}
# What other users in the same store may cost, in points of R@10.
CROWD_POINTS = 1


class Scorers:
    """The two programs, on one data set; what they read is written to a folder."""

    def __init__(self, scorers, data, folder):
        self._scorers, self._data, self._folder = pathlib.Path(scorers), data, folder

    def recall(self, results):
        """The tables for results: one of numbers, and the scorer's own."""
        file = self._write(results)
        return self._run(RETRIEVAL, file), self._print(RETRIEVAL, file)

    def prompt(self, prompts, chance=False):
        """The table for prompts by conversation; by chance: for those of another conversation."""
        file = self._write([
            {"conversation": name, "prompt": text} for name, text in prompts.items()])
        return self._run(PROMPT, file, *(["--null"] if chance else []))

    def _write(self, lines):
        file = pathlib.Path(self._folder) / "scored.jsonl"
        file.write_text("".join(json.dumps(line) + "\n" for line in lines), encoding="utf-8")
        return file

    def _run(self, program, file, *options):
        return json.loads(self._print(program, file, "--json", *options))["table"]

    def _print(self, program, file, *options):
        return subprocess.run(
            [sys.executable, self._scorers / program, self._data, file, *options],
            stdout=subprocess.PIPE, text=True, timeout=600, check=True).stdout


def missing(data, scorers):
    """What is needed and not there."""
    needed = [pathlib.Path(data), *(pathlib.Path(scorers) / name for name in (RETRIEVAL, PROMPT))]
    return [str(path) for path in needed if not path.is_file()]
