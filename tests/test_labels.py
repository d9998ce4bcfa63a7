"""Every text stands in every language, with the same values put in."""

import string
from pathlib import Path

import pytest
import yaml

from screener import labels
from screener.columns import NAMES
from screener.labels import LANGUAGES

FOLDER = Path(labels.__file__).parent / "lang"


def texts(lang):
    """Every text of a language by its path."""

    def walk(value, path):
        if isinstance(value, dict):
            for key, item in value.items():
                yield from walk(item, (*path, str(key)))
        elif isinstance(value, list):
            for number, item in enumerate(value):
                yield from walk(item, (*path, str(number)))
        else:
            yield path, value

    return dict(walk(yaml.safe_load((FOLDER / f"{lang}.yaml").read_text("utf-8")), ()))


def fields(text):
    return sorted(name for _, name, _, _ in string.Formatter().parse(text) if name is not None)


@pytest.mark.parametrize("lang", LANGUAGES)
def test_no_language_lacks_a_text_that_another_has(lang):
    others = set().union(*(texts(other) for other in LANGUAGES))
    assert others - set(texts(lang)) == set()


@pytest.mark.parametrize("lang", LANGUAGES)
def test_every_text_is_text_and_not_empty(lang):
    assert [path for path, text in texts(lang).items() if not isinstance(text, str) or not text.strip()] == []


@pytest.mark.parametrize("lang", LANGUAGES)
def test_the_same_values_are_put_into_a_text_in_every_language(lang):
    english = texts("en")
    assert [path for path, text in texts(lang).items() if fields(text) != fields(english[path])] == []


@pytest.mark.parametrize("lang", LANGUAGES)
def test_every_column_has_a_head_and_a_meaning(lang):
    found = labels.labels(lang)
    assert all(found.head(name) and found.meaning(name) for name in NAMES)


def test_korean_texts_are_korean():
    def hangul(text):
        return any("\uac00" <= sign <= "\ud7a3" for sign in text)

    korean = texts("ko")
    assert sum(map(hangul, korean.values())) > 0.8 * len(korean)


def test_every_file_of_texts_is_a_language():
    assert sorted(path.stem for path in FOLDER.glob("*.yaml")) == sorted(LANGUAGES)
