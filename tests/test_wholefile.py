"""A file is written whole or not at all."""

import os
import stat
from pathlib import Path

import pytest

from screener.wholefile import write_whole


def test_a_new_file_has_the_rights_of_any_new_file(tmp_path):
    write_whole(tmp_path / "new", b"text")
    (tmp_path / "other").touch()
    assert (tmp_path / "new").read_bytes() == b"text"
    assert (tmp_path / "new").stat().st_mode == (tmp_path / "other").stat().st_mode


def test_a_file_that_is_replaced_keeps_its_rights(tmp_path):
    path = tmp_path / "report.html"
    path.write_bytes(b"old")
    path.chmod(0o640)
    write_whole(path, b"new")
    assert (path.read_bytes(), stat.S_IMODE(path.stat().st_mode)) == (b"new", 0o640)


def test_where_writing_fails_the_old_file_stays_and_nothing_is_left_behind(tmp_path, monkeypatch):
    path = tmp_path / "report.html"
    path.write_bytes(b"old")

    def full(_handle):
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(os, "fsync", full)
    with pytest.raises(OSError, match="No space left"):
        write_whole(path, b"new")
    assert path.read_bytes() == b"old"
    assert list(tmp_path.iterdir()) == [path]


def test_a_link_is_followed_and_stays_a_link(tmp_path):
    (tmp_path / "there").write_bytes(b"old")
    (tmp_path / "link").symlink_to(tmp_path / "there")
    write_whole(tmp_path / "link", b"new")
    assert (tmp_path / "link").is_symlink()
    assert (tmp_path / "there").read_bytes() == b"new"


def test_a_device_is_written_to_and_not_replaced():
    write_whole(Path(os.devnull), b"gone")
    assert stat.S_ISCHR(Path(os.devnull).stat().st_mode)


def test_output_to_the_null_device_does_no_harm(run_null):
    assert run_null.returncode == 0, run_null.stderr
    assert stat.S_ISCHR(Path(os.devnull).stat().st_mode)


@pytest.fixture
def run_null(program_env):
    import subprocess
    import sys

    command = [sys.executable, "-m", "screener", "rank", "--source", "sample", "-f", "csv", "-o", os.devnull]
    return subprocess.run(command, capture_output=True, text=True, check=False, env=program_env)
