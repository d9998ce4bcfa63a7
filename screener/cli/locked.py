"""`python -m screener.cli.locked FILE COMMAND...`: run a command unless another holds the lock, as `flock -n` does.

For systems without flock, such as macOS; `screener cron` prints it there.
"""

from __future__ import annotations

import subprocess
import sys

#: what flock -n returns when somebody else holds the lock
HELD = 1


def main(args: list[str]) -> int:
    """Run the command under the lock and return its exit code; HELD where the lock is taken."""
    from filelock import FileLock, Timeout

    path, *command = args
    try:
        with FileLock(path, timeout=0):
            return subprocess.run(command, check=False).returncode  # noqa: S603 - the line of the user's crontab
    except Timeout:
        print(f"screener: {path} is held: the run before has not ended; not started", file=sys.stderr)
        return HELD


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
