"""What of a request is due, and how the rest stands, told from the store's own knowledge."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from screener import settings
from screener.sources import plan, store, storefile

if TYPE_CHECKING:
    from screener.markets import Markets
    from screener.model import Failure, PriceRequest
    from screener.sources.plan import FetchTerms, Job, Wish
    from screener.sources.storefile import Known


@dataclass(frozen=True, slots=True)
class Survey:
    """What is due, and what is known of every symbol of the markets concerned."""

    jobs: dict[str, Job]
    #: market id of every wanted symbol that has one
    markets: dict[str, str]
    known: dict[str, Known]
    #: symbols of no known market
    nowhere: tuple[Failure, ...]

    def by_market(self) -> dict[str, list[str]]:
        """Symbols that are due, by market."""
        found: dict[str, list[str]] = {}
        for job in self.jobs.values():
            found.setdefault(job.horizon.market.id, []).append(job.symbol)
        return found


def wish_for(request: PriceRequest, terms: FetchTerms) -> Wish:
    """Return what the store should hold for a request, as of now."""
    return plan.Wish(start=request.start, end=request.end, now=settings.now(), terms=terms)


def survey(symbols: tuple[str, ...], wish: Wish, markets: Markets) -> Survey:
    """Tell which securities are due without the network, a lock or a look at the bars."""
    by_market, nowhere = store.by_market_of(symbols, markets)
    jobs: dict[str, Job] = {}
    known: dict[str, Known] = {}
    for market_id, members in by_market.items():
        try:
            known |= storefile.read_known(market_id)
        except storefile.UnreadableStoreError:
            # as good as empty; who writes next puts it aside and says so
            known = {symbol: entry for symbol, entry in known.items() if symbol not in members}
        horizon = plan.horizon_of(markets[market_id], wish.now)
        for symbol in members:
            job = plan.job_for(symbol, horizon, known.get(symbol), wish)
            if job is not None:
                jobs[symbol] = job
    by_symbol = {symbol: market_id for market_id, members in by_market.items() for symbol in members}
    return Survey(jobs, by_symbol, known, tuple(nowhere))
