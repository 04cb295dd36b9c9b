"""A private PostgreSQL 15 cluster in a temporary folder, on a Unix socket."""

import contextlib
import glob
import os
import pathlib
import pwd
import re
import shutil
import subprocess
import tempfile

from harness import TEXT

# What the broker's messages hold, with the least indexes that give the same list and upsert.
SCHEMA = """
CREATE TABLE messages (
    id bigserial PRIMARY KEY, public_id text NOT NULL UNIQUE, user_id bigint NOT NULL,
    conversation_id bigint NOT NULL, session_id bigint, item_id text, kind smallint NOT NULL,
    role smallint NOT NULL, content text NOT NULL, status smallint NOT NULL,
    position bigint NOT NULL, created_at bigint NOT NULL, metadata text NOT NULL,
    UNIQUE (conversation_id, position), UNIQUE (conversation_id, item_id));
CREATE SEQUENCE positions;
"""
INSERT = f"""
\\set conversation random(1, 64)
INSERT INTO messages (public_id, user_id, conversation_id, item_id, kind, role, content, status,
    position, created_at, metadata)
SELECT 'msg_01kagc5x9e6jh' || n, 1, :conversation, 'item_1_1_' || n, 0, 0, '{TEXT}', 1,
    n * 65536, 1780000000000, '{{}}' FROM nextval('positions') AS n;
"""


class Cluster:
    """A running server that only this process's user, or `postgres` under root, can reach."""

    def __init__(self):
        programs = sorted(glob.glob("/usr/lib/postgresql/*/bin"), key=lambda p: int(p.split("/")[4]))
        self._programs = pathlib.Path(programs[-1])
        self.folder = pathlib.Path(tempfile.mkdtemp(prefix="broker-bench-"))
        self._prefix = []
        if os.geteuid() == 0:
            owner = pwd.getpwnam("postgres")
            os.chown(self.folder, owner.pw_uid, owner.pw_gid)
            self._prefix = ["runuser", "-u", "postgres", "--"]
        self._data = self.folder / "data"
        self._insert = self.folder / "insert.sql"
        self._insert.write_text(INSERT)
        self._insert.chmod(0o644)

    def __enter__(self):
        try:
            self._run("initdb", "-D", self._data, "--auth=trust", "-U", "bench", "--locale=C.UTF-8")
            options = f"-k {self.folder} -c listen_addresses= -c synchronous_commit=on -c fsync=on"
            self._run("pg_ctl", "-D", self._data, "-w", "-l", self.folder / "log", "-o", options,
                      "start")
            self._sql(SCHEMA)
        except BaseException:
            self.__exit__()
            raise
        self.version = self._sql("SHOW server_version").split()[0]
        assert self._sql("SHOW synchronous_commit") == "on"
        return self

    def __exit__(self, *_):
        with contextlib.suppress(subprocess.CalledProcessError):
            self._run("pg_ctl", "-D", self._data, "-m", "immediate", "stop")
        shutil.rmtree(self.folder)

    def inserts_per_second(self, connections, seconds):
        """Runs pgbench with prepared statements."""
        text = self._run(
            "pgbench", "-h", self.folder, "-U", "bench", "-n", "-M", "prepared",
            "-c", connections, "-j", min(2, connections), "-T", seconds, "-f", self._insert,
            "postgres")
        assert re.search(r"number of failed transactions: 0 ", text), text
        return float(re.search(r"^tps = ([\d.]+)", text, re.M)[1])

    def _sql(self, text):
        return self._run(
            "psql", "-h", self.folder, "-U", "bench", "-X", "-q", "-t", "-A", "-c", text,
            "postgres").strip()

    def _run(self, program, *arguments):
        return subprocess.run(
            [*self._prefix, self._programs / program, *map(str, arguments)], cwd=self.folder,
            stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True, timeout=300,
            check=True).stdout
