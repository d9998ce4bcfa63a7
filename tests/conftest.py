"""What every test gets: an environment of its own, and the way to the real prices."""

from __future__ import annotations

import os
from pathlib import Path

import pytest
from hypothesis import HealthCheck
from hypothesis import settings as hypothesis_settings

ROOT = Path(__file__).resolve().parent.parent

# the same examples at every run: a failure in one run is a failure in the next
hypothesis_settings.register_profile(
    "suite", deadline=None, derandomize=True, database=None, suppress_health_check=[HealthCheck.too_slow]
)
hypothesis_settings.load_profile("suite")


@pytest.fixture(scope="session")
def cache_folder(tmp_path_factory):
    """One cache for the whole run (of each worker), since exchange calendars take seconds to build."""
    return tmp_path_factory.mktemp("cache")


@pytest.fixture(scope="session")
def empty_config(tmp_path_factory):
    return tmp_path_factory.mktemp("config")


@pytest.fixture(autouse=True)
def own_environment(monkeypatch, cache_folder, empty_config, tmp_path_factory):
    """Neither the settings nor the files of whoever runs the tests can change their outcome."""
    for name in os.environ:
        if name.startswith("SCREENER_") and name != "SCREENER_TEST_DATA":
            monkeypatch.delenv(name)
    monkeypatch.setenv("SCREENER_CACHE_DIR", str(cache_folder))
    monkeypatch.setenv("SCREENER_CONFIG_DIR", str(empty_config))
    monkeypatch.setenv("SCREENER_STATE_DIR", str(tmp_path_factory.getbasetemp() / "state"))


@pytest.fixture(scope="session")
def prices_folder():
    """Folder of real prices (SCREENER_TEST_DATA)."""
    folder = Path(os.environ.get("SCREENER_TEST_DATA") or ROOT.parent / "shared" / "prices")
    if not (folder / "theme-ohlcv.parquet").is_file():
        pytest.skip(f"no real prices in {folder}; name their folder in SCREENER_TEST_DATA")
    return folder


@pytest.fixture
def program_env(cache_folder, empty_config, tmp_path):
    """Environment for the program as a process of its own."""
    kept = {name: value for name, value in os.environ.items() if not name.startswith("SCREENER_")}
    return kept | {
        "HOME": str(tmp_path),
        "LC_ALL": "C.UTF-8",
        "COLUMNS": "80",
        "SCREENER_CACHE_DIR": str(cache_folder),
        "SCREENER_CONFIG_DIR": str(empty_config),
        "SCREENER_STATE_DIR": str(tmp_path / "state"),
    }
