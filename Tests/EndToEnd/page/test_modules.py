"""The page's modules that need no browser, under Node; the tests are beside this file."""

import os
import pathlib
import re
import subprocess

import pytest

FOLDER = pathlib.Path(__file__).parent
FILES = sorted(FOLDER.glob("*.test.mjs"))

# What later versions do of themselves; Debian 12 has Node 18.
FLAGS_BEFORE_22 = (
    "--experimental-default-type=module --experimental-global-customevent "
    "--experimental-global-webcrypto")


def node_options():
    version = subprocess.run(["node", "--version"], capture_output=True, text=True, check=True)
    major = int(re.match(r"v(\d+)", version.stdout)[1])
    return FLAGS_BEFORE_22 if major < 22 else ""


@pytest.mark.parametrize("file", FILES, ids=lambda file: file.name.split(".")[0])
def test_a_module_does_what_its_tests_say(file):
    environment = os.environ | {"NODE_OPTIONS": node_options()}
    run = subprocess.run(
        ["node", "--test", file], env=environment, capture_output=True, text=True, timeout=60,
        check=False)
    assert run.returncode == 0, run.stdout + run.stderr
    assert re.search(r"^# skipped 0$", run.stdout, re.MULTILINE), run.stdout
