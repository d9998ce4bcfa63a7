"""`screener themes`: list, show, check, new, schema."""

import json

import pytest


def test_a_theme_is_shown_as_a_tree_of_categories_and_members(run):
    out = run("themes", "deepseek-r1", "-f", "table").out
    assert "kr_hbm_chain" in out
    assert "000660.KS" in out


def test_a_theme_in_a_pipe_is_csv_with_a_member_a_line(run):
    lines = run("themes", "deepseek-r1").out.splitlines()
    assert lines[0].startswith("side,category,symbol,")
    assert len(lines) == 111


def test_themes_are_listed(run):
    head, line = run("themes").out.splitlines()
    assert head == "theme,title,title_ko,event_moment,categories,members,claims,origin,file"
    assert line.startswith(
        "deepseek-r1,DeepSeek R1 shock,딥시크 R1 쇼크,2025-01-26T12:00:00+00:00,13,110,20,bundled,"
    )


def test_an_unknown_theme_is_told_with_the_nearest(run):
    result = run("themes", "deepseek-r2")
    assert result.code == 2
    assert "did you mean deepseek-r1?" in result.err


def test_a_new_theme_checks_as_good_and_can_be_screened(run, tmp_path):
    path = tmp_path / "mine.yaml"
    assert run("themes", "new", "mine", "-o", path).code == 0
    checked = run("themes", "check", path)
    assert (checked.code, checked.err) == (0, "")
    ranked = run("rank", "--theme", path, "--source", "sample", "--columns", "symbol,side")
    assert ranked.code == 0
    assert len(ranked.out.splitlines()) > 3


def test_a_file_that_exists_is_not_written_over(run, tmp_path):
    path = tmp_path / "mine.yaml"
    path.write_text("precious", "utf-8")
    result = run("themes", "new", "mine", "-o", path)
    assert result.code == 2
    assert path.read_text("utf-8") == "precious"


def test_all_faults_are_reported_at_once_with_their_lines(run, tmp_path):
    path = tmp_path / "mine.yaml"
    run("themes", "new", "mine", "-o", path)
    text = (
        path.read_text("utf-8")
        .replace("side: loser", "side: looser")
        .replace("categories:", "categoryes:\ncategories:", 1)
    )
    path.write_text(text, "utf-8")
    result = run("themes", "check", path)
    assert result.code == 2
    line = text.splitlines().index(next(line for line in text.splitlines() if "looser" in line)) + 1
    assert f"{path}:{line}:" in result.out
    assert "categoryes" in result.out


def test_a_user_theme_of_the_same_name_wins_and_that_is_said(run, tmp_path):
    own = tmp_path / "themes" / "deepseek-r1.yaml"
    own.parent.mkdir()
    own.write_text(run("themes", "new", "deepseek-r1").out, "utf-8")
    result = run(
        "rank", "--source", "sample", "--columns", "symbol", env={"SCREENER_CONFIG_DIR": str(tmp_path)}
    )
    assert "stands in for the bundled one" in result.err
    assert len(result.out.splitlines()) < 20


def test_the_schema_knows_every_key(run):
    schema = json.loads(run("themes", "schema").out)
    assert "categories" in json.dumps(schema)


@pytest.mark.parametrize(
    "content", [b"", b"- 1\n", b"\xff\xfe\x00", b"a: [1, 2", b"\tx: 1\n", b"a: &x 1\nb: *x\n"]
)
def test_a_file_that_is_no_theme_gets_a_line_and_no_traceback(run, tmp_path, content):
    path = tmp_path / "bad.yaml"
    path.write_bytes(content)
    result = run("themes", "check", path)
    assert result.code == 2
    assert str(path) in result.out
    assert run("rank", "--theme", path, "--source", "sample").code == 2
