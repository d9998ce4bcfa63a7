"""Which words of an expression are columns, and whether what is held against them is of their kind."""

from __future__ import annotations

from typing import TYPE_CHECKING, cast

from screener.errors import did_you_mean
from screener.where.error import WhereError, shown
from screener.where.tokens import iso_date
from screener.where.tree import ColumnRef, Comparison, Constant, Containment, Operand, Sign

if TYPE_CHECKING:
    from collections.abc import Mapping

    from screener.columns import Column, Kind
    from screener.where.tokens import Token

#: a fraction further from 0 than this was probably meant as percent
_PROBABLY_PERCENT = 1.5
_NOUNS: dict[Kind, str] = {
    "text": "text",
    "date": "a date",
    "price": "a price",
    "fraction": "a fraction",
    "count": "a count",
    "number": "a number",
}


class Checker:
    """Turns operands into columns and constants of one kind, or refuses; keeps the names and hints."""

    def __init__(self, text: str, columns: Mapping[str, Column]) -> None:
        self._text = text
        self._columns = columns
        #: dicts, since they keep the order and each entry once
        self.names: dict[str, None] = {}
        self.hints: dict[str, None] = {}

    def error(self, problem: str, at: int) -> WhereError:
        """Return the error that points at one character of the expression."""
        return WhereError(problem, self._text, at)

    def column(self, token: Token) -> ColumnRef:
        """Return the column that a word names; raise WhereError where it names none."""
        if token.kind != "word":
            raise self.error(f"expected a column here, not {shown(token.text)}", token.at)
        if token.text not in self._columns:
            raise self._unknown(token)
        self.names[token.text] = None
        return ColumnRef(token.text, self._columns[token.text].kind, token.at)

    def comparison(self, left: Token, sign: Token, right: Token) -> Comparison:
        """Return `left sign right`; raise WhereError where no side is a column or the kinds differ."""
        a: Operand
        b: Operand
        if left.kind == "word":
            column = a = self.column(left)
            b = self._column_or_constant(column, right)
        elif right.kind == "word":
            column = b = self.column(right)
            a = self.constant(column, left)
        else:
            raise self.error("one side of a comparison must be a column", left.at)
        if column.kind == "text" and sign.text not in {"=", "!="}:
            raise self.error(
                f"{column.name} is text, which takes =, !=, in and contains, not {sign.text}", sign.at
            )
        return Comparison(a, cast("Sign", sign.text), b)

    def containment(self, column: ColumnRef, token: Token, *, negated: bool) -> Containment:
        """Return `column [not] contains text`; raise WhereError where either is no text."""
        if column.kind != "text":
            raise self.error(f"{column.name} is {_NOUNS[column.kind]}; contains is for text", column.at)
        return Containment(column, str(self.constant(column, token).value), negated)

    def constant(self, column: ColumnRef, token: Token) -> Constant:
        """Return a literal as a value of the column's kind; raise WhereError where it is of another."""
        if column.kind == "text":
            return self._text_constant(column, token)
        if token.kind == "word" and did_you_mean(token.text.casefold(), self._columns):
            raise self._unknown(token)
        if column.kind == "date":
            return self._date_constant(column, token)
        return self._number_constant(column, token)

    def _column_or_constant(self, column: ColumnRef, token: Token) -> Operand:
        if token.kind != "word" or token.text not in self._columns:
            return self.constant(column, token)
        other = self.column(token)
        if other.kind != column.kind:
            nouns = f"{column.name} is {_NOUNS[column.kind]}, {other.name} is {_NOUNS[other.kind]}"
            quote = f' (for the text, write "{other.name}")' if column.kind == "text" else ""
            raise self.error(f"{nouns}: columns compare with columns of their own kind{quote}", token.at)
        if column.kind == "text":
            self.hints[f'{other.name} is a column here; for the text {other.name} write "{other.name}"'] = (
                None
            )
        return other

    def _text_constant(self, column: ColumnRef, token: Token) -> Constant:
        if token.kind not in {"word", "text"}:
            problem = f'{column.name} is text: write "{shown(token.text)}" in quotes'
            raise self.error(problem, token.at)
        if token.value == "":
            raise self.error(
                f"no cell equals empty text: write {column.name} is empty, or is not empty", token.at
            )
        return Constant(token.value)

    def _date_constant(self, column: ColumnRef, token: Token) -> Constant:
        day = token.value if token.kind == "date" else None
        if token.kind == "text":
            day = iso_date(str(token.value))
        if day is None:
            raise self.error(
                f"{column.name} is a date: {shown(token.text)} is not one; write 2025-02-28", token.at
            )
        return Constant(day)

    def _number_constant(self, column: ColumnRef, token: Token) -> Constant:
        noun = _NOUNS[column.kind]
        if token.kind == "percent" and column.kind != "fraction":
            raise self.error(f"{column.name} is {noun}: percent stands against fractions only", token.at)
        if token.kind not in {"number", "percent"}:
            example = "15% or 0.15" if column.kind == "fraction" else "a number"
            raise self.error(
                f"{column.name} is {noun}: {shown(token.text)} is not; write {example}", token.at
            )
        value = cast("float", token.value)
        if token.kind == "number" and column.kind == "fraction" and abs(value) > _PROBABLY_PERCENT:
            meaning = f"{token.text} means {value * 100:,.6g} %"
            self.hints[
                f"{column.name} is a fraction: {meaning}; for {token.text} percent write {token.text}%"
            ] = None
        return Constant(value)

    def _unknown(self, token: Token) -> WhereError:
        near = did_you_mean(token.text.casefold(), self._columns)
        listed = "" if near else "; `screener columns` lists them"
        return self.error(f"no column {shown(token.text)}{near}{listed}", token.at)
