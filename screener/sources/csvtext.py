"""Text of a user's CSV as a table: encodings, separators and lines as spreadsheets leave them behind."""

from __future__ import annotations

import csv
import gzip
import io
import re
import warnings
import zlib
from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np
import pandas as pd

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

SEPARATORS = ",;\t"
#: how no value is written; never in a column of symbols, where NA is a company
NO_VALUE = ["", "-", "NA", "N/A", "n/a", "#N/A", "NaN", "nan", "NULL", "null", "None"]
#: what stands after the last column: nothing, or the line is too long
_BEYOND = "beyond"
_LONG_LINE = re.compile(r"Skipping line (\d+): expected")


class FileFault(Exception):  # noqa: N818 - one file of many, which costs no more than a notice
    """Why one file of many cannot be read."""


@dataclass(frozen=True, slots=True)
class CsvTable:
    """What a CSV holds; the index counts its lines, and `notices` tell of those that were left out."""

    frame: pd.DataFrame
    notices: tuple[str, ...] = ()


def read(path: Path, text_columns: Callable[[str], bool]) -> CsvTable:
    """Read a CSV. Raises FileFault.

    Values of `text_columns` stay as they are written, so that 005930 keeps its zeros.
    """
    text = _decoded(_content(path))
    if not text.strip():
        raise FileFault("is empty; expected a header and lines of prices")
    above = len(text) - len(text.lstrip("\n"))
    header_line, _, body = text[above:].partition("\n")
    separator = max(SEPARATORS, key=header_line.count)
    header = next(csv.reader([header_line], delimiter=separator))
    frame, skipped = _parsed(body, separator, [text_columns(name) for name in header])
    frame.index = pd.Index(np.setdiff1d(np.arange(1, len(frame) + len(skipped) + 1), skipped))
    beyond = frame.pop(_BEYOND).notna()
    skipped = sorted([*skipped, *frame.index[beyond]])
    notices = (_too_long(skipped[0] + above + 1, len(skipped), len(header)),) if skipped else ()
    frame = frame[~beyond].dropna(how="all").set_axis(header, axis=1)
    frame.index += above + 1
    return CsvTable(frame, notices)


def _parsed(body: str, separator: str, is_text: list[bool]) -> tuple[pd.DataFrame, list[int]]:
    """Parse the lines after the header; return them and the numbers, from 1, of those far too long."""
    # names of our own, since those of the file may stand there twice
    columns = [*(str(at) for at in range(len(is_text))), _BEYOND]
    texts = [name for name, text in zip(columns, [*is_text, True], strict=True) if text]
    if not body.strip():
        return pd.DataFrame(columns=columns, dtype="str"), []
    with warnings.catch_warnings(record=True) as caught:
        warnings.simplefilter("always")
        try:
            frame = pd.read_csv(
                io.StringIO(body),
                sep=separator,
                header=None,
                names=columns,
                index_col=False,
                dtype=dict.fromkeys(texts, "str"),
                keep_default_na=False,
                na_values={name: [] if name in texts else NO_VALUE for name in columns},
                skip_blank_lines=False,
                on_bad_lines="warn",
                low_memory=False,
            )
        except (pd.errors.ParserError, ValueError) as error:
            raise FileFault(f"no readable CSV ({str(error).strip().splitlines()[0]})") from None
    for name in texts:
        stripped = frame[name].str.strip()
        frame[name] = stripped.mask(stripped == "")
    said = "\n".join(str(warning.message) for warning in caught)
    return frame, [int(found.group(1)) for found in _LONG_LINE.finditer(said)]


def _too_long(first: int, lines: int, fields: int) -> str:
    return f"line {first}{f' and {lines - 1} more' if lines > 1 else ''}: more than {fields} fields; left out"


def _content(path: Path) -> bytes:
    try:
        raw = path.read_bytes()
        return gzip.decompress(raw) if path.suffix.lower() == ".gz" else raw
    except (OSError, EOFError, zlib.error) as error:
        raise FileFault(f"cannot be read ({getattr(error, 'strerror', None) or error})") from None


def _decoded(raw: bytes) -> str:
    """Decode what spreadsheets write: UTF-8 with or without a mark, UTF-16, and Korean Windows."""
    utf16 = raw.startswith((b"\xff\xfe", b"\xfe\xff"))
    if not utf16 and b"\x00" in raw:
        raise FileFault("is no text; expected CSV, or Parquet in a file that ends in .parquet")
    for encoding in ("utf-16",) if utf16 else ("utf-8-sig", "cp949"):
        try:
            return raw.decode(encoding).replace("\r\n", "\n").replace("\r", "\n")
        except UnicodeDecodeError:
            continue
    raise FileFault("is neither UTF-8, UTF-16 nor CP949 text; save it as UTF-8")
