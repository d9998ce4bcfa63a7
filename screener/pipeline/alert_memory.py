"""What `screener alerts` remembers: which rule held of which security when last looked at, and what is still owed."""

from __future__ import annotations

from contextlib import contextmanager
from dataclasses import dataclass, field, replace
from datetime import date  # noqa: TC003 - msgspec reads the annotations
from typing import TYPE_CHECKING, NamedTuple

from screener import settings
from screener.errors import ScreenerError
from screener.pipeline.statefile import StateWriteError, read_state, write_state

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Mapping, Sequence
    from pathlib import Path

    from screener.model import PriceBasis

VERSION = 1
#: so long one run waits for another
PATIENCE_SECONDS = 60
_KIND = "alerts"


@dataclass(frozen=True, slots=True, kw_only=True)
class Alert:
    """A rule that became true of a security, or of a claim."""

    #: session whose close made it true; of a claim, the as-of date
    date: date
    rule: str
    title: str
    title_ko: str = ""
    #: a symbol, or the id of a claim
    subject: str
    name: str = ""
    name_ko: str = ""
    side: str = ""
    category: str = ""
    market: str = ""
    #: of a claim
    verdict: str = ""
    #: columns told with it, dates as ISO text
    values: dict[str, float | str | None] = field(default_factory=dict)

    @property
    def key(self) -> str:
        """What tells it from any other."""
        return f"{self.date} {self.rule} {self.subject}"


class Seen(NamedTuple):
    """How a rule stood with a security when last looked at."""

    #: session of its last close then
    day: date
    as_of: date
    held: bool


@dataclass(frozen=True, slots=True)
class RuleMemory:
    """How one rule stood with each security and claim."""

    #: void for a rule that has another condition now
    condition: str
    seen: dict[str, Seen] = field(default_factory=dict)


@dataclass(frozen=True, slots=True, kw_only=True)
class Memory:
    """All that is remembered of a theme."""

    rules: dict[str, RuleMemory] = field(default_factory=dict)
    #: fired, but not delivered to every address
    owed: tuple[Alert, ...] = ()
    #: address (hashed: it may hold a password) -> what of `owed` it did get
    delivered: dict[str, tuple[str, ...]] = field(default_factory=dict)

    def due(self, address: str, alerts: Sequence[Alert]) -> tuple[Alert, ...]:
        """Return what an address has not got yet."""
        got = set(self.delivered.get(address, ()))
        return tuple(alert for alert in alerts if alert.key not in got)


def settled(memory: Memory, alerts: Sequence[Alert], missed: Mapping[str, Sequence[Alert]]) -> Memory:
    """Owe what some address missed of these alerts, and note what of that the others have got."""
    lost = {alert.key for alerts_missed in missed.values() for alert in alerts_missed}
    delivered = {
        address: tuple(sorted(lost - {alert.key for alert in alerts_missed}))
        for address, alerts_missed in missed.items()
    }
    return replace(
        memory,
        owed=tuple(alert for alert in alerts if alert.key in lost),
        delivered={address: keys for address, keys in delivered.items() if keys},
    )


@contextmanager
def held(theme: str) -> Iterator[None]:
    """Hold a theme's memory, so that two runs at once do not forget what the other has told."""
    from filelock import FileLock, Timeout

    path = settings.state_folder() / "alerts" / f"{theme}.lock"
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        lock = FileLock(path, timeout=PATIENCE_SECONDS)
        lock.acquire()
    except Timeout:
        raise ScreenerError(f"{path}: held by another `screener alerts` for a minute; run it again") from None
    except OSError as error:
        raise StateWriteError(path, error) from None
    try:
        yield
    finally:
        lock.release()


def recall(theme: str, price: PriceBasis, say: Callable[[str], object]) -> Memory:
    """Return what is remembered of a theme; nothing at first. An unreadable file is set aside and said."""
    return read_state(_path(theme, price), _KIND, VERSION, Memory, say) or Memory()


def remember(theme: str, price: PriceBasis, memory: Memory) -> None:
    """Keep what the next run compares itself with. Raises StateWriteError."""
    write_state(_path(theme, price), _KIND, VERSION, memory)


def _path(theme: str, price: PriceBasis) -> Path:
    name = theme if price == "close" else f"{theme} {price}"
    return settings.state_folder() / "alerts" / f"{name}.json"
