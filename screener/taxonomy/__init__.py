"""Themes: finding their files, reading them, checking them, and what a new one looks like."""

from __future__ import annotations

from screener.taxonomy.themes import ThemeFile, check_theme, find_theme, list_themes, load_theme

__all__ = ["ThemeFile", "check_theme", "find_theme", "list_themes", "load_theme"]
