"""Disks that fail: small ones that fill up, and read-only ones, private to one process."""

import contextlib
import os
import pathlib
import subprocess

# A private mount goes away with its process; an unprivileged user needs a user namespace for it.
UNSHARE = ["unshare", "--mount"] + ([] if os.geteuid() == 0 else ["--user", "--map-root-user"])


def mounted(folder, script):
    """A command's prefix that runs it with mounts of its own."""
    return [*UNSHARE, "sh", "-c", f'{script} && exec "$@"', "sh", str(folder)]


def small(folder, megabytes):
    """A prefix under which `folder` is a disk of that size."""
    return mounted(folder, f'mount -t tmpfs -o size={megabytes}m tmpfs "$1" && shift')


def read_only(folder):
    """A prefix under which `folder` cannot be written."""
    return mounted(
        folder, 'mount --bind "$1" "$1" && mount -o remount,bind,ro "$1" && shift')


def can_mount():
    """Whether this machine lets us; a container without privileges does not."""
    command = [*small("/tmp", 1), "true"]
    return subprocess.run(command, capture_output=True, check=False).returncode == 0


class SmallDisk:
    """The disk of a process that runs under `small`, seen from outside."""

    def __init__(self, pid, folder):
        self.folder = pathlib.Path(f"/proc/{pid}/root{folder}")
        self._ballast = self.folder / "ballast"

    def fill(self):
        """Leaves not one block free."""
        with open(self._ballast, "ab", buffering=0) as file, contextlib.suppress(OSError):
            while True:
                file.write(b"\0" * 65_536)
        with open(self._ballast, "ab", buffering=0) as file, contextlib.suppress(OSError):
            while True:
                file.write(b"\0" * 512)

    def free(self):
        """Makes room again."""
        self._ballast.unlink()
