"""README.md and what it leads to: what they show as ```bash runs, in order, in one shell each."""

import re
import subprocess

import pytest

from support.processes import ROOT, SERVICE_KEY, clean_environment


@pytest.mark.parametrize("document, least", [("README.md", 3), ("docs/tools.md", 1), ("docs/usage.md", 1)])
def test_every_command_of_a_document_runs(broker, tmp_path, document, least):
    text = (ROOT / document).read_text()
    blocks = re.findall(r"^```bash\n(.*?)^```$", text, re.MULTILINE | re.DOTALL)
    assert len(blocks) >= least
    steps = "\n".join(f"echo '## block {n}' >&2\n{block}" for n, block in enumerate(blocks, 1))
    result = subprocess.run(
        ["bash", "-euo", "pipefail", "-c", steps], cwd=tmp_path,
        env=clean_environment({"BROKER": broker.url, "KEY": SERVICE_KEY, "TMPDIR": tmp_path}),
        capture_output=True, text=True, timeout=60, check=False)
    assert result.returncode == 0, f"{result.stdout}\n{result.stderr}"
    assert f"## block {len(blocks)}" in result.stderr


def test_every_path_that_the_readme_names_is_there():
    text = (ROOT / "README.md").read_text()
    for target in re.findall(r"\]\((?!https?://|#)([^)#]+)", text):
        assert (ROOT / target).exists(), target
    for script in set(re.findall(r"\bbin/[a-z]+\b", text)):
        assert (ROOT / script).exists(), script
