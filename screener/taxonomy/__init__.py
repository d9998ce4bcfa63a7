"""Themes: finding their files, reading and checking them, and what a new one looks like."""

from __future__ import annotations

from screener.taxonomy.schema import theme_schema
from screener.taxonomy.template import new_theme_text
from screener.taxonomy.themes import (
    ThemeFile,
    check_theme,
    find_theme,
    list_themes,
    load_theme,
    read_theme,
)

__all__ = [
    "ThemeFile",
    "check_theme",
    "find_theme",
    "list_themes",
    "load_theme",
    "new_theme_text",
    "read_theme",
    "theme_schema",
]
