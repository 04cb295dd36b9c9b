"""README.md: what it shows as ```bash runs, in order, in one shell."""

import re
import subprocess

from support.processes import ROOT, clean_environment


def test_every_command_of_the_readme_runs(broker, tmp_path):
    text = (ROOT / "README.md").read_text()
    blocks = re.findall(r"^```bash\n(.*?)^```$", text, re.MULTILINE | re.DOTALL)
    assert len(blocks) >= 3
    steps = "\n".join(f"echo '## block {n}' >&2\n{block}" for n, block in enumerate(blocks, 1))
    result = subprocess.run(
        ["bash", "-euo", "pipefail", "-c", steps], cwd=tmp_path,
        env=clean_environment({"BROKER": broker.url, "TMPDIR": tmp_path}), capture_output=True,
        text=True, timeout=60, check=False)
    assert result.returncode == 0, f"{result.stdout}\n{result.stderr}"
    assert f"## block {len(blocks)}" in result.stderr


def test_every_path_that_the_readme_names_is_there():
    text = (ROOT / "README.md").read_text()
    for target in re.findall(r"\]\((?!https?://|#)([^)#]+)", text):
        assert (ROOT / target).exists(), target
    for script in set(re.findall(r"\bbin/[a-z]+\b", text)):
        assert (ROOT / script).exists(), script
