"""The tree of a condition, and what it says of each row of a table."""

from __future__ import annotations

import operator
from dataclasses import dataclass, field
from datetime import date
from functools import reduce
from typing import TYPE_CHECKING, Any, Literal, TypeAlias

from screener.where.cells import Cells, fold

if TYPE_CHECKING:
    from collections.abc import Callable

    import numpy as np
    import pandas as pd
    from numpy.typing import NDArray

    from screener.columns import Kind

Sign = Literal["=", "!=", "<", "<=", ">", ">="]
_COMPARE: dict[Sign, Callable[[Any, Any], Any]] = {
    "=": operator.eq,
    "!=": operator.ne,
    "<": operator.lt,
    "<=": operator.le,
    ">": operator.gt,
    ">=": operator.ge,
}


@dataclass(frozen=True, slots=True)
class ColumnRef:
    """A column where the expression names it."""

    name: str
    kind: Kind
    at: int = field(compare=False, default=0)


@dataclass(frozen=True, slots=True)
class Constant:
    """A literal, already of the kind of the column that it is held against."""

    value: str | float | date


Operand: TypeAlias = ColumnRef | Constant


@dataclass(frozen=True, slots=True)
class Comparison:
    """`left sign right`; at least one of them is a column, both are of one kind."""

    left: Operand
    sign: Sign
    right: Operand

    def mask(self, cells: Cells) -> pd.Series[bool]:
        """Rows where both sides have a value and the comparison holds."""
        holds: pd.Series[bool] = _COMPARE[self.sign](_values(self.left, cells), _values(self.right, cells))
        for side in (self.left, self.right):
            if isinstance(side, ColumnRef):
                holds = holds & cells.filled(side.name, side.kind)
        return holds


@dataclass(frozen=True, slots=True)
class Membership:
    """`column [not] in (values)`."""

    column: ColumnRef
    values: tuple[Constant, ...]
    negated: bool = False

    def mask(self, cells: Cells) -> pd.Series[bool]:
        """Rows with a value that is (not) one of the list."""
        inside = cells.values(self.column.name, self.column.kind).isin(
            [_scalar(value) for value in self.values]
        )
        return cells.filled(self.column.name, self.column.kind) & (inside ^ self.negated)


@dataclass(frozen=True, slots=True)
class Containment:
    """`column [not] contains text`."""

    column: ColumnRef
    text: str
    negated: bool = False

    def mask(self, cells: Cells) -> pd.Series[bool]:
        """Rows with a value of which the text is (not) a part."""
        inside = cells.values(self.column.name, "text").str.contains(fold(self.text), regex=False, na=False)
        return cells.filled(self.column.name, "text") & (inside.astype(bool) ^ self.negated)


@dataclass(frozen=True, slots=True)
class Emptiness:
    """`column is [not] empty`."""

    column: ColumnRef
    negated: bool = False

    def mask(self, cells: Cells) -> pd.Series[bool]:
        """Rows without (with) a value."""
        filled = cells.filled(self.column.name, self.column.kind)
        return filled if self.negated else ~filled


@dataclass(frozen=True, slots=True)
class Negation:
    """`not term`."""

    term: Node

    def mask(self, cells: Cells) -> pd.Series[bool]:
        """Rows that the term leaves out."""
        return ~self.term.mask(cells)


@dataclass(frozen=True, slots=True)
class Conjunction:
    """`term and term ...`, at least two; a chained comparison is one too."""

    terms: tuple[Node, ...]

    def mask(self, cells: Cells) -> pd.Series[bool]:
        """Rows that every term keeps."""
        return reduce(operator.and_, [term.mask(cells) for term in self.terms])


@dataclass(frozen=True, slots=True)
class Disjunction:
    """`term or term ...`, at least two."""

    terms: tuple[Node, ...]

    def mask(self, cells: Cells) -> pd.Series[bool]:
        """Rows that any term keeps."""
        return reduce(operator.or_, [term.mask(cells) for term in self.terms])


Node: TypeAlias = Comparison | Membership | Containment | Emptiness | Negation | Conjunction | Disjunction


@dataclass(frozen=True, slots=True)
class Expression:
    """A condition on rows, ready to be held against any table that has its columns."""

    text: str = field(compare=False)
    root: Node
    #: names of the columns it uses, in the order of first use
    columns: tuple[str, ...] = field(compare=False)
    #: what is allowed but probably not meant, a sentence each
    hints: tuple[str, ...] = field(compare=False, default=())

    def mask(self, table: pd.DataFrame) -> NDArray[np.bool_]:
        """Tell for each row of `table`, in its order, whether the condition holds.

        Fractions are fractions, not percent; an empty cell (NaN, NaT, None, "") satisfies no comparison.
        Raises UsageError where the table lacks a column of the expression.
        """
        return self.root.mask(Cells(table)).to_numpy(dtype=bool)


def _values(operand: Operand, cells: Cells) -> Any:
    if isinstance(operand, ColumnRef):
        return cells.values(operand.name, operand.kind)
    return _scalar(operand)


def _scalar(constant: Constant) -> Any:
    import pandas as pd

    value = constant.value
    if isinstance(value, str):
        return fold(value)
    return pd.Timestamp(value) if isinstance(value, date) else value
