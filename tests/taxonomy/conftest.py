from __future__ import annotations

import pytest

from screener.taxonomy import new_theme_text


@pytest.fixture(autouse=True)
def user_folder(tmp_path_factory, monkeypatch):
    """An empty configuration folder, so that whoever runs the tests cannot change their outcome."""
    folder = tmp_path_factory.mktemp("config")
    monkeypatch.setenv("SCREENER_CONFIG_DIR", str(folder))
    return folder


@pytest.fixture
def theme_file(tmp_path):
    """Writes a theme file, correct but for the replacements unless `text` is given; returns its path."""

    def write(*replacements: tuple[str, str], text: str | bytes | None = None):
        path = tmp_path / "mine.yaml"
        if isinstance(text, bytes):
            path.write_bytes(text)
            return path
        content = new_theme_text("mine") if text is None else text
        for old, new in replacements:
            assert content.count(old) >= 1, f"{old!r} does not stand in the template"
            content = content.replace(old, new, 1)
        path.write_text(content, encoding="utf-8")
        return path

    return write
