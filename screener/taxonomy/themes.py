"""Theme files: where they are, which one a name means, and reading one."""

from __future__ import annotations

import os
from dataclasses import dataclass
from datetime import UTC
from typing import TYPE_CHECKING, Literal

from screener.errors import ConfigError, Fault, FaultyFileError, UsageError, did_you_mean
from screener.model import DEFAULT_THEME, Theme
from screener.resources import bundled_config, expanded, user_config
from screener.taxonomy.rules import theme_problems
from screener.typedyaml import Shape, convert, faults_of
from screener.yamlrules import moment_of
from screener.yamltext import read_document

if TYPE_CHECKING:
    from pathlib import Path

    from screener.typedyaml import Data

Origin = Literal["bundled", "user", "path"]
_ENDINGS = (".yaml", ".yml")


@dataclass(frozen=True, slots=True)
class ThemeFile:
    """A theme's file, and where it comes from."""

    #: the name that it is called by: the file's name without its ending
    id: str
    path: Path
    origin: Origin
    #: a user's file that is taken in place of a bundled one of the same name
    shadows_bundled: bool = False


def list_themes() -> tuple[ThemeFile, ...]:
    """Every theme that can be called by name, by name; of two with one name the user's."""
    found = {path.stem: ThemeFile(path.stem, path, "bundled") for path in _files(bundled_config() / "themes")}
    for path in _files(user_config() / "themes"):
        found[path.stem] = ThemeFile(path.stem, path, "user", shadows_bundled=path.stem in found)
    return tuple(found[name] for name in sorted(found))


def find_theme(name: str) -> ThemeFile:
    """File of a theme given by name, or by path (with a separator, or ending in .yaml or .yml)."""
    if _is_path(name):
        path = expanded(name)
        return ThemeFile(path.stem, path, "path")
    known = {theme.id: theme for theme in list_themes()}
    if name not in known:
        near = did_you_mean(name, known)
        raise UsageError(
            f"no theme {name!r}{near or '.'} Known: {', '.join(known)}; or give the path of a .yaml file"
        )
    return known[name]


def load_theme(name_or_path: str = DEFAULT_THEME) -> Theme:
    """Read a theme. Raises FaultyFileError with every fault of its file, UsageError for an unknown name."""
    return read_theme(find_theme(name_or_path))


def read_theme(file: ThemeFile) -> Theme:
    """Read a theme whose file is known. Raises FaultyFileError with every fault of it."""
    return convert(read_document(file.path), SHAPE)


def check_theme(path: Path) -> tuple[Fault, ...]:
    """Every fault of a theme's file, in the order of its lines; empty exactly if `load_theme` reads it."""
    try:
        return faults_of(read_document(path), SHAPE)
    except FaultyFileError as error:
        return error.faults


def _is_path(name: str) -> bool:
    separators = {os.sep, os.altsep or os.sep, "/"}
    return name.endswith(_ENDINGS) or any(separator in name for separator in separators)


def _files(folder: Path) -> list[Path]:
    """Theme files of a folder; of NAME.yml and NAME.yaml the latter comes last."""
    try:
        if not folder.is_dir():
            return []
        return sorted((p for p in folder.iterdir() if p.suffix in _ENDINGS and p.is_file()), reverse=True)
    except OSError as error:
        raise ConfigError(f"{folder}: the folder of themes cannot be read: {error.strerror}") from None


def _with_instant(data: Data) -> Data:
    """Accept an instant without seconds, which msgspec does not, and put it in UTC, in which it is shown."""
    event = data.get("event")
    if not isinstance(event, dict) or (moment := moment_of(event.get("moment"))) is None:
        return data
    if moment.tzinfo is not None:
        moment = moment.astimezone(UTC)
    return {**data, "event": {**event, "moment": moment}}


SHAPE = Shape(Theme, theme_problems, _with_instant)
