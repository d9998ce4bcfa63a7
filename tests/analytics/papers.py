"""The event-study formulas once more, read off the papers: one security at a time, plain loops, None for missing.

The oracle of the tests; it shares nothing with the product, neither code nor way of computing.
"""

from __future__ import annotations

import math
import statistics
from itertools import pairwise
from typing import NamedTuple

ESTIMATION = range(-130, -10)


class Move(NamedTuple):
    """What a security and its benchmark did since the security's last close, `span` sessions before."""

    session: int
    span: int
    security: float
    market: float


def moves(closes: list[float | None], benchmark: list[float | None], event: int) -> list[Move]:
    """Trade-to-trade returns (Maynes & Rumsey 1993) from session -131 on, by session relative to the event."""
    known = [
        row
        for row, (close, index) in enumerate(zip(closes, benchmark, strict=True))
        if close is not None and index is not None and row - event >= -131
    ]
    return [
        Move(now - event, now - then, closes[now] / closes[then] - 1, benchmark[now] / benchmark[then] - 1)
        for then, now in pairwise(known)
    ]


class Security:
    """Market model of one security (Campbell, Lo & MacKinlay 1997, section 4.4)."""

    def __init__(self, closes, benchmark, event: int, dates=None) -> None:
        self.moves = moves(closes, benchmark, event)
        self.dates = dates or list(range(len(closes)))
        self.event = event
        used = [move for move in self.moves if move.session in ESTIMATION and move.span == 1]
        self.n = len(used)
        self.market_mean = sum(move.market for move in used) / self.n
        mean = sum(move.security for move in used) / self.n
        self.sxx = sum((move.market - self.market_mean) ** 2 for move in used)
        sxy = sum((move.market - self.market_mean) * (move.security - mean) for move in used)
        self.beta = sxy / self.sxx
        self.alpha = mean - self.beta * self.market_mean
        self.residuals = {move.session: self.abnormal(move) for move in used}
        self.s = math.sqrt(sum(e * e for e in self.residuals.values()) / (self.n - 2))
        self.market = {move.session: move.market for move in used}

    def abnormal(self, move: Move) -> float:
        return move.security - move.span * self.alpha - self.beta * move.market

    def inside(self, first: int, last: int) -> list[Move] | None:
        """The moves that tile a window; None where the window starts or ends without a close."""
        found = [move for move in self.moves if first <= move.session <= last]
        if not found or found[-1].session != last or found[0].session - found[0].span != first - 1:
            return None
        return found

    def car(self, first: int, last: int) -> float | None:
        found = self.inside(first, last)
        return None if found is None else sum(self.abnormal(move) for move in found)

    def weight_of_residual(self, session: int, first: int, last: int) -> float:
        """By how much one estimation residual enters the error of the predicted sum of a window."""
        length = last - first + 1
        market = sum(move.market for move in self.inside(first, last))
        slope = (market - length * self.market_mean) * (self.market[session] - self.market_mean) / self.sxx
        return length / self.n + slope

    def scar(self, first: int, last: int) -> float:
        """CAR over the sd of its prediction error: window sessions plus all weights of the estimate, squared."""
        weights = [self.weight_of_residual(session, first, last) for session in self.residuals]
        variance = self.s**2 * (last - first + 1 + sum(weight**2 for weight in weights))
        return self.car(first, last) / math.sqrt(variance)

    def day(self, session: int):
        """Calendar date of a relative session on this security's exchange."""
        return self.dates[session + self.event]


def t_of_mean(values: list[float]) -> float:
    return statistics.mean(values) / (statistics.stdev(values) / math.sqrt(len(values)))


def patell(securities: list[Security], first: int, last: int) -> float:
    variance = sum((security.n - 2) / (security.n - 4) for security in securities)
    return sum(security.scar(first, last) for security in securities) / math.sqrt(variance)


def pair_correlation(one: Security, other: Security) -> float:
    """Pearson correlation of the residuals of dates on which both have one."""
    by_date = {other.day(session): residual for session, residual in other.residuals.items()}
    pairs = [
        (residual, by_date[one.day(session)])
        for session, residual in one.residuals.items()
        if one.day(session) in by_date
    ]
    return statistics.correlation([a for a, _ in pairs], [b for _, b in pairs])


def common_sessions(one: Security, other: Security, first: int, last: int) -> int:
    days = {one.day(session) for session in range(first, last + 1)}
    return len(days & {other.day(session) for session in range(first, last + 1)})


def mean_correlation(securities: list[Security], first: int, last: int) -> float:
    values = [
        pair_correlation(one, other) * common_sessions(one, other, first, last) / (last - first + 1)
        for at, one in enumerate(securities)
        for other in securities[at + 1 :]
    ]
    return sum(values) / len(values)


def kolari_pynnonen(securities: list[Security], first: int, last: int) -> float:
    n, r = len(securities), mean_correlation(securities, first, last)
    bmp = t_of_mean([security.scar(first, last) for security in securities])
    return bmp * math.sqrt((1 - r) / (1 + (n - 1) * r))


def corrado(securities: list[Security], first: int, last: int) -> float:
    """Corrado & Zivney (1992), eq. for missing returns, summed over a window as Cowan (1992)."""
    deviations: dict[int, list[float]] = {}
    for security in securities:
        values = dict(security.residuals)
        for move in security.inside(first, last):
            values[move.session] = security.abnormal(move) / math.sqrt(move.span)
        for session, value in values.items():
            below = sum(other < value for other in values.values())
            same = sum(other == value for other in values.values())
            rank = below + (same + 1) / 2
            deviations.setdefault(session, []).append(rank / (len(values) + 1) - 0.5)
    days = {session: sum(values) / math.sqrt(len(values)) for session, values in deviations.items()}
    sd = math.sqrt(sum(day**2 for day in days.values()) / len(days))
    event = [day for session, day in days.items() if first <= session <= last]
    return sum(event) / math.sqrt(len(event)) / sd


def generalised_sign(securities: list[Security], first: int, last: int) -> float:
    shares = [
        sum(residual > 0 for residual in security.residuals.values()) / security.n for security in securities
    ]
    share, n = sum(shares) / len(shares), len(securities)
    positive = sum(security.car(first, last) > 0 for security in securities)
    return (positive - n * share) / math.sqrt(n * share * (1 - share))


def portfolio_sd(securities: list[Security], weights: list[float], first: int, last: int) -> float:
    """Sd of a weighted sum of CARs, pair by pair."""
    variance = 0.0
    for one, w in zip(securities, weights, strict=True):
        for other, v in zip(securities, weights, strict=True):
            loads = {other.day(t): other.weight_of_residual(t, first, last) for t in other.residuals}
            shared = sum(
                one.weight_of_residual(t, first, last) * loads.get(one.day(t), 0.0) for t in one.residuals
            )
            correlation = 1.0 if one is other else pair_correlation(one, other)
            sessions = common_sessions(one, other, first, last) + shared
            variance += w * v * correlation * one.s * other.s * sessions
    return math.sqrt(variance)
