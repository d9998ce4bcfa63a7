"""Recursive descent over the grammar in `screener.where`."""

from __future__ import annotations

from typing import TYPE_CHECKING

from screener.where.error import WhereError, shown
from screener.where.kinds import Checker
from screener.where.tokens import RESERVED, Token, tokenize
from screener.where.tree import Conjunction, Disjunction, Emptiness, Expression, Membership, Negation, Node

if TYPE_CHECKING:
    from collections.abc import Mapping

    from screener.columns import Column
    from screener.where.tree import ColumnRef, Constant

MAX_LENGTH = 10_000
#: parentheses inside one another; far below where Python's own stack would end
MAX_DEPTH = 100
_EQUALITY = ("=", "!=")
_RISING = ("<", "<=")
_FALLING = (">", ">=")
_LITERALS = frozenset({"word", "text", "number", "percent", "date"})


class Parser:
    """Reads one expression; use once."""

    def __init__(self, text: str, columns: Mapping[str, Column]) -> None:
        if len(text) > MAX_LENGTH:
            problem = f"the expression has {len(text):,} characters, and may have {MAX_LENGTH:,}"
            raise WhereError(problem, text, MAX_LENGTH)
        self._text = text
        self._tokens = tokenize(text)
        self._index = 0
        self._depth = 0
        self._check = Checker(text, columns)

    def parse(self) -> Expression:
        """Return the whole text as one expression; raise WhereError at what does not belong."""
        if self._at_end():
            problem = "the expression is empty: write a condition such as recovery < 50%"
            raise self._check.error(problem, self._now.at)
        root = self._disjunction()
        if not self._at_end():
            raise self._leftover()
        return Expression(self._text, root, tuple(self._check.names), tuple(self._check.hints))

    @property
    def _now(self) -> Token:
        return self._tokens[self._index]

    def _at_end(self) -> bool:
        return self._now.kind == "end"

    def _take(self) -> Token:
        token = self._now
        self._index += 1
        return token

    def _accept(self, *signs: str) -> Token | None:
        return self._take() if self._now.is_sign(*signs) else None

    def _expect(self, sign: str, place: str) -> Token:
        token = self._accept(sign)
        if token is None:
            raise self._check.error(f"expected {sign} {place}, not {_described(self._now)}", self._now.at)
        return token

    def _disjunction(self) -> Node:
        terms = [self._conjunction()]
        while self._accept("or"):
            terms.append(self._conjunction())
        return terms[0] if len(terms) == 1 else Disjunction(tuple(terms))

    def _conjunction(self) -> Node:
        terms = [self._negation()]
        while self._accept("and"):
            terms.append(self._negation())
        return terms[0] if len(terms) == 1 else Conjunction(tuple(terms))

    def _negation(self) -> Node:
        negated = False
        # a loop, not a recursion: thousands of `not` fit into the longest expression
        while self._accept("not"):
            negated = not negated
        term = self._group() if self._now.is_sign("(") else self._predicate()
        return Negation(term) if negated else term

    def _group(self) -> Node:
        opening = self._take()
        self._depth += 1
        if self._depth > MAX_DEPTH:
            raise self._check.error(f"parentheses are nested deeper than {MAX_DEPTH}", opening.at)
        inside = self._disjunction()
        if not self._accept(")"):
            if self._at_end():
                raise self._check.error("this parenthesis is never closed", opening.at)
            raise self._leftover()
        self._depth -= 1
        return inside

    def _predicate(self) -> Node:
        left = self._operand("a column or a value")
        for signs in (_EQUALITY, _RISING, _FALLING):
            if self._now.is_sign(*signs):
                return self._comparisons(left, signs)
        column = self._check.column(left)
        if self._accept("is"):
            negated = self._accept("not") is not None
            self._expect("empty", "after is not" if negated else "after is")
            return Emptiness(column, negated)
        negated = self._accept("not") is not None
        if self._accept("in"):
            return Membership(column, self._list(column), negated)
        if self._accept("contains"):
            text = self._operand("text")
            return self._check.containment(column, text, negated=negated)
        expected = "in or contains" if negated else f"a comparison such as {column.name} is not empty"
        raise self._check.error(f"expected {expected}, not {_described(self._now)}", self._now.at)

    def _comparisons(self, left: Token, signs: tuple[str, ...]) -> Node:
        """Read one comparison or a chain of one direction."""
        terms: list[Node] = []
        while sign := self._accept(*signs):
            right = self._operand("a column or a value")
            terms.append(self._check.comparison(left, sign, right))
            left = right
            if signs is _EQUALITY:
                break
        if self._now.is_sign(*_EQUALITY, *_RISING, *_FALLING):
            problem = "comparisons chain one way only, as in -20% < fall < -10%: join others with and"
            raise self._check.error(problem, self._now.at)
        return terms[0] if len(terms) == 1 else Conjunction(tuple(terms))

    def _list(self, column: ColumnRef) -> tuple[Constant, ...]:
        opening = self._expect("(", "after in")
        values = [self._check.constant(column, self._operand("a value"))]
        while self._accept(","):
            values.append(self._check.constant(column, self._operand("a value")))
        if not self._accept(")"):
            if self._at_end():
                raise self._check.error("this list is never closed", opening.at)
            raise self._check.error(f"expected , or ) in the list, not {_described(self._now)}", self._now.at)
        return tuple(values)

    def _operand(self, wanted: str) -> Token:
        if self._now.kind in _LITERALS:
            return self._take()
        problem = f"expected {wanted}, not {_described(self._now)}"
        if self._now.is_sign("empty"):
            problem += ": write is empty, or is not empty"
        elif self._now.text in RESERVED:
            problem += f': for the text, write "{self._now.value}"'
        raise self._check.error(problem, self._now.at)

    def _leftover(self) -> WhereError:
        token = self._now
        if token.is_sign(")"):
            return self._check.error("this parenthesis was never opened", token.at)
        advice = ""
        if token.is_sign(",") and self._tokens[self._index - 1].kind == "number":
            advice = "; thousands are written 1_000"
        elif token.kind == "word" and self._tokens[self._index - 1].kind == "word":
            advice = '; text of several words is written in "quotes"'
        return self._check.error(f"expected and, or, or the end, not {_described(token)}{advice}", token.at)


def _described(token: Token) -> str:
    if token.kind == "end":
        return "the end of the expression"
    return f'"{token.value}"' if token.kind == "sign" else shown(token.text)
