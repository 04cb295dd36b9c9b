"""The client's types, as TypeScript's checker reads them in its comments."""

import pathlib
import subprocess

PROJECT = pathlib.Path(__file__).parent / "types"


def test_the_client_is_what_its_types_say():
    check = subprocess.run(
        ["tsc", "--project", PROJECT], capture_output=True, text=True, timeout=120, check=False)
    assert check.returncode == 0, check.stdout + check.stderr


def test_a_wrong_use_of_the_client_is_found(tmp_path):
    """The check above would fail: an importer who misspells an option is told so."""
    client = PROJECT.parents[3] / "public/js/realtime/realtime-session.js"
    (tmp_path / "wrong.js").write_text(f"""
        import {{ RealtimeSession }} from '{client}';
        /** @param {{RealtimeSession}} session */
        export const begin = (session) => session.start({{ turnDetection: 'sever_vad' }});
    """)
    options = ["--checkJs", "--noEmit", "--strict", "--target", "es2022", "--module", "es2022",
               "--moduleResolution", "node"]
    check = subprocess.run(
        ["tsc", *options, tmp_path / "wrong.js", PROJECT / "worklet.d.ts"],
        capture_output=True, text=True, timeout=120, check=False)
    assert check.returncode != 0 and "sever_vad" in check.stdout, check.stdout
