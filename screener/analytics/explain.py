"""How each measure of one security came about: its formula with the very dates and closes put in."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING

import numpy as np

from screener.analytics.measures import PATIENCE, PRE_HIGH_SESSIONS

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

    from screener.analytics.marks import Marks
    from screener.analytics.measures import Ints


@dataclass(frozen=True, slots=True)
class Note:
    """A remark: the key of its text in the language files, and what is put into it."""

    key: str
    values: Mapping[str, object] = field(default_factory=dict)


@dataclass(frozen=True, slots=True, kw_only=True)
class Derivation:
    """How one figure came about."""

    #: the formula with dates: P(2025-01-27) / P(2025-01-24) - 1; "" where it is no arithmetic
    dated: str = ""
    #: the same with closes: 118.42 / 142.62 - 1
    priced: str = ""
    #: how its sessions were found, or why there is no value
    notes: tuple[Note, ...] = ()


def derive(name: str, marks: Marks) -> Derivation:
    """Derive a column of `DERIVED`, or say why it is empty."""
    if name == "status":
        return _status(marks)
    if name in {"last_date", "last_close"} and len(marks.traded):
        return _DERIVATIONS[name](marks)
    if name in _FROM_BASE and marks.based:
        return _DERIVATIONS[name](marks)
    if not marks.measured:
        return Derivation(notes=(unmeasured(marks),))
    return _DERIVATIONS[name](marks)


def unmeasured(marks: Marks) -> Note:
    """Return why a security has no measures."""
    if not len(marks.traded):
        return Note("no_closes")
    if marks.before is None:
        return _note("listed_later", marks, first=marks.traded[0], base=marks.base_session)
    if not marks.based:
        age = marks.base_session - marks.before
        return _note(
            "no_base", marks, {"age": age, "most": PATIENCE}, last=marks.before, base=marks.base_session
        )
    if marks.base_session + 1 == len(marks.dates):
        return _note("waiting", marks, session=marks.base_session)
    return _note("no_move", marks, base=marks.base)


def _status(marks: Marks) -> Derivation:
    as_of, event = len(marks.dates) - 1, marks.base_session + 1
    if not marks.based:
        note = unmeasured(marks)
    elif len(marks.since) and marks.event > event:
        note = _note("late", marks, event=event, later=marks.event)
    elif marks.last < as_of:
        counts = {"behind": as_of - marks.last, "most": PATIENCE}
        note = _note("behind", marks, counts, last=marks.last, session=as_of)
    elif event > as_of:
        note = unmeasured(marks)
    else:
        note = _note("on_time", marks, event=event, session=as_of)
    return Derivation(notes=(note,))


def _base_date(marks: Marks) -> Derivation:
    if marks.base == marks.base_session:
        return Derivation()
    return Derivation(notes=(_note("base_halted", marks, session=marks.base_session, base=marks.base),))


def _event_date(marks: Marks) -> Derivation:
    session = marks.base_session + 1
    if marks.event == session:
        return Derivation()
    return Derivation(notes=(_note("late", marks, event=session, later=marks.event),))


def _trough_date(marks: Marks) -> Derivation:
    return Derivation(notes=(_extreme("lowest", marks, marks.since, marks.trough),))


def _trough_close(marks: Marks) -> Derivation:
    notes = (_extreme("lowest", marks, marks.since, marks.trough),)
    return _formula("{trough}", marks, notes, trough=marks.trough)


def _sessions_to_trough(marks: Marks) -> Derivation:
    return _counted(marks, [(marks.base_session + 1, marks.trough)])


def _max_drawdown(marks: Marks) -> Derivation:
    episode = marks.deepest_episode
    if episode is None:
        return _formula("{b} / {b} - 1", marks, (Note("never_under_water"),), b=marks.base)
    peak, trough = np.searchsorted(marks.dates, [episode.begin, episode.trough]).tolist()
    notes = (_note("peak_trough", marks, peak=peak, trough=trough),)
    return _formula("{trough} / {peak} - 1", marks, notes, trough=trough, peak=peak)


def _drawdown(marks: Marks) -> Derivation:
    high = marks.running_high
    notes = (_extreme("highest", marks, marks.traded[marks.traded >= marks.base], high),)
    return _formula("{last} / {high} - 1", marks, notes, last=marks.last, high=high)


def _recovery(marks: Marks) -> Derivation:
    if not len(marks.below):
        return Derivation(notes=(_never_below(marks),))
    template = "({last} - {trough}) / ({b} - {trough})"
    return _formula(template, marks, last=marks.last, trough=marks.trough, b=marks.base)


def _recovered_on(marks: Marks) -> Derivation:
    if not len(marks.below):
        return Derivation(notes=(_never_below(marks),))
    first = _compared("first_below", marks, int(marks.below[0]), "<", marks.base)
    if marks.recovered is not None:
        return Derivation(notes=(first, _compared("back_at", marks, marks.recovered, ">=", marks.base)))
    best = marks.highest(marks.since[marks.since >= marks.below[0]])
    return Derivation(notes=(first, _compared("not_back", marks, best, "<", marks.base)))


def _sessions_to_recover(marks: Marks) -> Derivation:
    found = _recovered_on(marks)
    if marks.recovered is None:
        return found
    return _counted(marks, [(marks.base_session + 1, marks.recovered)], found.notes)


def _sessions_below_base(marks: Marks) -> Derivation:
    if not len(marks.below):
        return Derivation(notes=(_never_below(marks),))
    runs = np.split(marks.below, np.flatnonzero(np.diff(marks.below) > 1) + 1)
    note = _compared("first_below", marks, int(marks.below[0]), "<", marks.base)
    return _counted(marks, [(int(run[0]), int(run[-1])) for run in runs], (note,))


def _pre_high(marks: Marks) -> Derivation:
    return _formula("{high}", marks, _pre_high_date(marks).notes, high=marks.pre_high)


def _pre_high_date(marks: Marks) -> Derivation:
    note = _extreme("highest", marks, marks.window, marks.pre_high)
    return Derivation(notes=(note, Note("window", {"sessions": PRE_HIGH_SESSIONS})))


def _new_high_on(marks: Marks) -> Derivation:
    if marks.new_high is None:
        best = marks.highest(marks.since)
        return Derivation(notes=(_compared("no_new_high", marks, best, "<=", marks.pre_high),))
    return Derivation(notes=(_compared("new_high", marks, marks.new_high, ">", marks.pre_high),))


def _benchmark_return(marks: Marks) -> Derivation:
    start, end = marks.benchmark_row(marks.base), marks.benchmark_row(marks.last)
    if start is None or end is None:
        about = {"benchmark": marks.benchmark_symbol, "most": PATIENCE}
        return Derivation(notes=(_note("no_benchmark", marks, about, base=marks.base, last=marks.last),))
    return Derivation(
        dated=f"{_dated_benchmark(marks, end)} / {_dated_benchmark(marks, start)} - 1",
        priced=f"{plain_close(marks.benchmark[end])} / {plain_close(marks.benchmark[start])} - 1",
    )


def _excess_return(marks: Marks) -> Derivation:
    benchmark = _benchmark_return(marks)
    if not benchmark.dated:
        return benchmark
    own = _DERIVATIONS["return_since"](marks)
    return Derivation(
        dated=f"({own.dated}) - ({benchmark.dated})", priced=f"({own.priced}) - ({benchmark.priced})"
    )


def _last_date(marks: Marks) -> Derivation:
    session = len(marks.dates) - 1
    key = "last_is_session" if marks.last == session else "last_before_session"
    return Derivation(notes=(_note(key, marks, last=marks.last, session=session),))


_DERIVATIONS: dict[str, Callable[[Marks], Derivation]] = {
    "base_date": _base_date,
    "base_close": lambda marks: _formula("{b}", marks, b=marks.base),
    "event_date": _event_date,
    "event_return": lambda marks: _formula("{e} / {b} - 1", marks, e=marks.event, b=marks.base),
    "fall": lambda marks: _formula("{trough} / {b} - 1", marks, trough=marks.trough, b=marks.base),
    "trough_date": _trough_date,
    "trough_close": _trough_close,
    "sessions_to_trough": _sessions_to_trough,
    "max_drawdown": _max_drawdown,
    "drawdown": _drawdown,
    "return_since": lambda marks: _formula("{last} / {b} - 1", marks, last=marks.last, b=marks.base),
    "rebound": lambda marks: _formula("{last} / {trough} - 1", marks, last=marks.last, trough=marks.trough),
    "recovery": _recovery,
    "recovered_on": _recovered_on,
    "sessions_to_recover": _sessions_to_recover,
    "sessions_below_base": _sessions_below_base,
    "pre_high": _pre_high,
    "pre_high_date": _pre_high_date,
    "from_pre_high": lambda marks: _formula(
        "{last} / {high} - 1", marks, last=marks.last, high=marks.pre_high
    ),
    "new_high_on": _new_high_on,
    "benchmark_return": _benchmark_return,
    "excess_return": _excess_return,
    "last_date": _last_date,
    "last_close": lambda marks: _formula("{last}", marks, last=marks.last),
}
#: what needs a base close only
_FROM_BASE = {"base_date", "base_close", "pre_high", "pre_high_date"}
#: columns that `derive` knows
DERIVED: tuple[str, ...] = ("status", *_DERIVATIONS)


def plain_close(close: float) -> str:
    """Return a close as the formats for programs print it, in ten significant digits."""
    return f"{close:.10g}"


def _formula(template: str, marks: Marks, notes: tuple[Note, ...] = (), **rows: int) -> Derivation:
    """Put the dates and then the closes of rows into a formula."""
    return Derivation(
        dated=template.format(**{name: _dated(marks, row) for name, row in rows.items()}),
        priced=template.format(**{name: plain_close(marks.close[row]) for name, row in rows.items()}),
        notes=notes,
    )


def _counted(marks: Marks, runs: list[tuple[int, int]], notes: tuple[Note, ...] = ()) -> Derivation:
    """Count the sessions of stretches, first and last included."""
    return Derivation(
        dated=" + ".join(f"sessions({marks.dates[first]}..{marks.dates[last]})" for first, last in runs),
        priced=" + ".join(str(last - first + 1) for first, last in runs) if len(runs) > 1 else "",
        notes=notes,
    )


def _note(key: str, marks: Marks, values: Mapping[str, object] | None = None, **rows: int) -> Note:
    """Make a note of dates, given as rows, and other values."""
    return Note(key, {**(values or {}), **{name: str(marks.dates[row]) for name, row in rows.items()}})


def _extreme(key: str, marks: Marks, rows: Ints, row: int) -> Note:
    """Note which of a stretch of closes is its highest or lowest."""
    found = f"{_dated(marks, row)} = {plain_close(marks.close[row])}"
    return _note(key, marks, {"count": len(rows), "close": found}, start=rows[0], end=rows[-1])


def _compared(key: str, marks: Marks, row: int, sign: str, other: int) -> Note:
    """Note two closes held against each other."""
    closes = f"{plain_close(marks.close[row])} {sign} {plain_close(marks.close[other])}"
    return Note(key, {"comparison": f"{_dated(marks, row)} {sign} {_dated(marks, other)}: {closes}"})


def _never_below(marks: Marks) -> Note:
    return _compared("never_below", marks, marks.trough, ">=", marks.base)


def _dated(marks: Marks, row: int) -> str:
    return f"P({marks.dates[row]})"


def _dated_benchmark(marks: Marks, row: int) -> str:
    return f"{marks.benchmark_symbol}({marks.dates[row]})"
