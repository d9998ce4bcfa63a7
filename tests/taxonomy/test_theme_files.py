from __future__ import annotations

import json
import shutil
from pathlib import Path

import jsonschema
import pytest

from screener import resources
from screener.errors import ConfigError, FaultyFileError, UsageError
from screener.taxonomy import (
    check_theme,
    find_theme,
    list_themes,
    load_theme,
    new_theme_text,
    theme_schema,
)
from screener.yamltext import parse_document


@pytest.fixture
def user_themes(user_folder):
    folder = user_folder / "themes"
    folder.mkdir()
    return folder


def test_the_shipped_theme_is_found_by_name():
    found = find_theme("deepseek-r1")
    assert (found.id, found.origin, found.shadows_bundled) == ("deepseek-r1", "bundled", False)
    assert found.path.is_file()


def test_a_users_theme_is_listed_and_loaded_by_name(user_themes):
    (user_themes / "rate-shock.yaml").write_text(new_theme_text("rate-shock"), encoding="utf-8")
    assert [(theme.id, theme.origin) for theme in list_themes()] == [
        ("deepseek-r1", "bundled"),
        ("rate-shock", "user"),
    ]
    assert load_theme("rate-shock").id == "rate-shock"


def test_a_users_theme_wins_over_the_shipped_one_of_its_name_and_says_so(user_themes):
    (user_themes / "deepseek-r1.yml").write_text(new_theme_text("deepseek-r1"), encoding="utf-8")
    found = find_theme("deepseek-r1")
    assert (found.origin, found.shadows_bundled) == ("user", True)
    assert found.path == user_themes / "deepseek-r1.yml"
    assert len(load_theme("deepseek-r1").categories) == 2
    assert len(list_themes()) == 1


def test_of_two_endings_of_one_name_yaml_is_taken(user_themes):
    for ending in ("yaml", "yml"):
        (user_themes / f"x.{ending}").write_text(new_theme_text(ending), encoding="utf-8")
    assert load_theme("x").id == "yaml"


def test_other_files_in_the_users_folder_are_no_themes(user_themes):
    (user_themes / "notes.txt").write_text("x")
    (user_themes / "folder.yaml").mkdir()
    assert [theme.id for theme in list_themes()] == ["deepseek-r1"]


def test_an_unknown_name_gets_the_nearest_and_the_list():
    with pytest.raises(
        UsageError, match="no theme 'deepseek', did you mean deepseek-r1\\? Known: deepseek-r1"
    ):
        find_theme("deepseek")


@pytest.mark.parametrize("name", ["mine.yaml", "mine.yml", "./mine.yaml", "sub/mine"])
def test_a_path_is_taken_as_it_is(name, tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    Path("sub").mkdir()
    Path(name).write_text(new_theme_text("mine"), encoding="utf-8")
    assert (find_theme(name).origin, find_theme(name).path) == ("path", Path(name))
    assert load_theme(name).id == "mine"


def test_a_tilde_in_a_path_is_the_home_folder(tmp_path, monkeypatch):
    monkeypatch.setenv("HOME", str(tmp_path))
    monkeypatch.setenv("USERPROFILE", str(tmp_path))
    (tmp_path / "mine.yaml").write_text(new_theme_text("mine"), encoding="utf-8")
    assert load_theme("~/mine.yaml").id == "mine"


@pytest.mark.parametrize(
    "name", ["absent.yaml", "~nobody-of-this-name/x.yaml", "no/such/theme", "a\x00b.yaml"]
)
def test_a_path_that_leads_nowhere_is_a_fault_of_that_file(name):
    with pytest.raises(FaultyFileError):
        load_theme(name)


def test_a_themes_folder_that_cannot_be_read_is_said(user_folder, monkeypatch):
    (user_folder / "themes").mkdir()

    def refuse(self):
        raise PermissionError(13, "Permission denied")

    monkeypatch.setattr(Path, "iterdir", refuse)
    with pytest.raises(ConfigError, match=r"themes: the folder .* cannot be read: Permission denied"):
        list_themes()


def test_the_template_needs_a_name_that_can_be_an_id():
    with pytest.raises(UsageError, match="'My Theme'"):
        new_theme_text("My Theme")


def test_the_template_uses_securities_of_the_bundled_sample(theme_file):
    if not resources.bundled_sample().is_file():
        pytest.skip("the bundled sample is not there")
    head = resources.bundled_sample().read_text(encoding="utf-8").splitlines()[0].split(",")
    assert {m.symbol for _, m in load_theme(str(theme_file())).members()} <= set(head)


def test_the_schema_is_valid_and_accepts_the_shipped_theme_and_the_template():
    schema = json.loads(json.dumps(theme_schema()))
    jsonschema.Draft202012Validator.check_schema(schema)
    for text in (find_theme("deepseek-r1").path.read_text(encoding="utf-8"), new_theme_text("mine")):
        # a plain YAML 1.1 reader turns dates into dates, which JSON does not have
        jsonschema.validate(parse_document(text, "theme").data, schema, cls=jsonschema.Draft202012Validator)


def test_the_schema_describes_every_key_and_accepts_no_other():
    definitions = theme_schema()["$defs"]
    kinds = {"Theme", "Event", "Milestone", "Windows", "Category", "Member", "Claim", "ClaimTest"}
    assert set(definitions) == kinds
    for definition in definitions.values():
        assert definition["additionalProperties"] is False
        assert all(value["description"] for value in definition["properties"].values())
    assert definitions["Category"]["properties"]["side"]["enum"] == ["loser", "winner"]
    assert set(definitions["Member"]["required"]) == {"symbol", "name"}


def test_config_inside_the_package_is_preferred_as_in_a_wheel(tmp_path, monkeypatch):
    package = tmp_path / "screener"
    shutil.copytree(resources.bundled_config(), package / "config")
    monkeypatch.setattr(resources, "_PACKAGE", package)
    assert find_theme("deepseek-r1").path == package / "config" / "themes" / "deepseek-r1.yaml"


def test_a_faulty_users_markets_file_is_named_when_a_theme_is_checked(user_folder, theme_file):
    (user_folder / "markets.yaml").write_text("markets: [{id: XX}]")
    faults = check_theme(theme_file())
    assert {fault.file for fault in faults} == {str(user_folder / "markets.yaml")}


def test_a_moment_in_another_zone_is_the_same_instant_shown_in_utc(tmp_path):
    path = tmp_path / "mine.yaml"
    text = new_theme_text("mine")
    given = next(line for line in text.splitlines() if line.strip().startswith("moment:"))
    # 09:30 in Seoul is 00:30 UTC of the same day
    path.write_text(text.replace(given, "  moment: 2025-01-27T09:30:00+09:00"), "utf-8")
    assert load_theme(str(path)).event.moment.isoformat() == "2025-01-27T00:30:00+00:00"
