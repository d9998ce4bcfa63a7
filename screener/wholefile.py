"""Files that are written whole or not at all."""

from __future__ import annotations

import os
import tempfile
from pathlib import Path


def write_whole(path: Path, data: bytes) -> None:
    """Write a file in one step, so that a reader sees the old one or the new one and never half of it.

    A link is followed; what is no regular file, such as /dev/null or a named pipe, is written to as it is.
    Raises OSError, and then leaves what was there.
    """
    path = path.resolve()
    if path.exists() and not path.is_file():
        path.write_bytes(data)
        return
    partial = None
    try:
        with tempfile.NamedTemporaryFile(dir=path.parent, prefix=f".{path.name}.", delete=False) as file:
            partial = Path(file.name)
            file.write(data)
            file.flush()
            os.fsync(file.fileno())
        partial.chmod(_mode(path))
        partial.replace(path)
    except BaseException:
        if partial:
            partial.unlink(missing_ok=True)
        raise


def _mode(path: Path) -> int:
    """Return the rights of the file that is replaced, or those of any new one (a temporary file's are narrower)."""
    if path.exists():
        return path.stat().st_mode & 0o7777
    umask = os.umask(0)
    os.umask(umask)
    return 0o666 & ~umask
