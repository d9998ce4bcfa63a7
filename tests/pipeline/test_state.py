"""What is kept for the next run: read back as it was, never in the way when it is broken."""

from datetime import date

import pytest

import screener
from screener import settings
from screener.pipeline.changes import SecurityState, Snapshot, snapshot_of
from screener.pipeline.state import keep, latest_before, of_date
from screener.pipeline.statefile import StateWriteError


@pytest.fixture(autouse=True)
def folder(tmp_path, monkeypatch):
    monkeypatch.setenv("SCREENER_STATE_DIR", str(tmp_path / "state"))
    return settings.state_folder() / "reports" / "t"


def shot(day, *, close=1.0, scope=""):
    security = SecurityState(rank=1, side="loser", status="ok", last_close=close, last_date=day)
    return Snapshot(theme="t", as_of=day, price="close", scope=scope, securities={"X": security})


def test_a_real_snapshot_comes_back_as_it_was():
    snapshot = snapshot_of(screener.screen(as_of="2025-04-04", source="sample"), {"claim": "supported"})
    keep(snapshot)
    assert of_date("deepseek-r1", date(2025, 4, 4)) == snapshot


def test_the_latest_earlier_one_is_found_and_the_same_day_is_not_earlier():
    for day in (3, 1, 4):
        keep(shot(date(2025, 4, day)))
    assert latest_before("t", date(2025, 4, 4)) == shot(date(2025, 4, 3))
    assert latest_before("t", date(2025, 4, 2)) == shot(date(2025, 4, 1))
    assert latest_before("t", date(2025, 4, 1)) is None
    assert latest_before("other", date(2025, 4, 4)) is None


def test_the_same_day_twice_keeps_the_later_run():
    keep(shot(date(2025, 4, 3)))
    keep(shot(date(2025, 4, 3), close=2.0))
    assert of_date("t", date(2025, 4, 3)) == shot(date(2025, 4, 3), close=2.0)


def test_scopes_do_not_mix():
    keep(shot(date(2025, 4, 3), scope="KOSPI"))
    assert latest_before("t", date(2025, 4, 4)) is None
    assert latest_before("t", date(2025, 4, 4), "KOSPI") == shot(date(2025, 4, 3), scope="KOSPI")


@pytest.mark.parametrize(
    "content",
    [
        b"",
        b"{",
        b"[]",
        b"null",
        b"\xff\xfe\x00",
        b'{"kind": "snapshot", "version": 2, "value": {}}',
        b'{"kind": "other", "version": 1, "value": {}}',
        b'{"kind": "snapshot", "version": 1, "value": {"theme": "t"}}',
        b'{"kind": "snapshot", "version": 1}',
    ],
)
def test_a_torn_or_foreign_file_is_set_aside_and_said_and_the_one_before_taken(folder, content):
    keep(shot(date(2025, 4, 1)))
    torn = folder / "2025-04-03.json"
    torn.write_bytes(content)
    said = []
    assert latest_before("t", date(2025, 4, 4), say=said.append) == shot(date(2025, 4, 1))
    assert len(said) == 1
    assert str(torn) in said[0]
    assert not torn.exists()
    assert (folder / "2025-04-03.json.unreadable").read_bytes() == content
    assert latest_before("t", date(2025, 4, 4), say=said.append) == shot(date(2025, 4, 1))
    assert len(said) == 1


def test_files_of_others_in_the_folder_are_left_alone(folder):
    keep(shot(date(2025, 4, 1)))
    (folder / "notes.json").write_text("mine")
    (folder / "2025-04-02.json.bak").write_text("mine")
    assert latest_before("t", date(2025, 4, 4)) == shot(date(2025, 4, 1))
    assert (folder / "notes.json").read_text() == "mine"


def test_a_folder_in_place_of_a_file_is_said_and_passed_over(folder):
    keep(shot(date(2025, 4, 1)))
    (folder / "2025-04-03.json").mkdir()
    said = []
    assert latest_before("t", date(2025, 4, 4), say=said.append) == shot(date(2025, 4, 1))
    assert "2025-04-03.json" in said[0]


def test_a_state_folder_that_cannot_be_written_says_what_to_do(folder):
    folder.parent.parent.mkdir(parents=True)
    folder.parent.write_text("a file where the folder should be")
    with pytest.raises(StateWriteError, match="SCREENER_STATE_DIR"):
        keep(shot(date(2025, 4, 1)))


def test_nothing_but_the_snapshot_is_left_after_a_write(folder):
    keep(shot(date(2025, 4, 1)))
    assert [path.name for path in folder.iterdir()] == ["2025-04-01.json"]
