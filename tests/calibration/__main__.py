"""Print rejection rates and power of the category tests: python -m tests.calibration."""

from __future__ import annotations

import argparse

from tests.calibration.pseudo_events import (
    DATA,
    EFFECTS,
    LEVEL,
    load_exchanges,
    rejection_rates,
    simulate,
    standard_errors,
)


def main() -> None:
    parser = argparse.ArgumentParser(prog="python -m tests.calibration", description=__doc__.split(":")[0])
    parser.add_argument("--events", type=int, default=2000, help="pseudo-events (default 2000)")
    parser.add_argument("--seed", type=int, default=20250127, help="of the random draws (default 20250127)")
    parser.add_argument("--benchmark", choices=("index", "equal-weight"), default="index")
    parser.add_argument("--membership", choices=("outside", "estimation"), default="outside")
    chosen = parser.parse_args()
    if not (DATA / "krx-all.parquet").exists():
        parser.error(f"no krx-all.parquet in {DATA}; set SCREENER_TEST_DATA to the folder that has it")
    exchanges = load_exchanges(benchmark=chosen.benchmark)
    outcomes = simulate(exchanges, chosen.events, chosen.seed, chosen.membership)
    rates, errors = rejection_rates(outcomes), standard_errors(outcomes)
    correlation = outcomes[outcomes["effect"] == 0].groupby(["size", "window"])["correlation"].mean()
    sessions = outcomes["row"].nunique()
    print(
        f"{chosen.events} pseudo-events on {sessions} sessions of {sum(e.closes.shape[1] for e in exchanges)}"
        f" KRX securities; benchmark {chosen.benchmark}, membership {chosen.membership}, seed {chosen.seed};"
        f" % rejected at {LEVEL:.0%}"
    )
    for effect in EFFECTS:
        print(
            "\nno event: rate of false alarms"
            if effect == 0
            else f"\n{effect:+.0%} added on session 0: power"
        )
        print(rates.loc[effect].round(1).to_string())
    print("\nstandard error of the false-alarm rates, clustered by session")
    print(errors.loc[0.0].round(1).to_string())
    print("\nmean residual correlation of the members")
    print(correlation.round(3).to_string())


if __name__ == "__main__":
    main()
