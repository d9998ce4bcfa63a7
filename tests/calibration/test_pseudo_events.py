"""The category tests keep their level on real returns, and the classical ones do not."""

from __future__ import annotations

import numpy as np
import pytest

from tests.calibration.pseudo_events import (
    COLUMNS,
    EFFECTS,
    SIZES,
    WINDOWS,
    Exchange,
    load_exchanges,
    membership_returns,
    nearest,
    rejection_rates,
    simulate,
    standard_errors,
)


def made_up_exchanges(seed: int, volatility: float) -> list[Exchange]:
    """Two exchanges of 40 securities each, independent of one another but for their beta of 1."""
    random = np.random.default_rng(seed)
    index = np.cumprod(1.0 + random.normal(0.0, 0.01, (2, 150, 1)), axis=1)
    own = np.cumprod(1.0 + random.normal(0.0, volatility, (2, 150, 40)), axis=1)
    dates = np.arange(150).astype("M8[D]")
    return [Exchange(dates=dates, closes=i * o, benchmark=i[:, 0]) for i, o in zip(index, own, strict=True)]


@pytest.fixture(scope="module")
def outcomes():
    return simulate(made_up_exchanges(1, 0.002), events=12, seed=2)


def test_every_pseudo_event_is_tested_on_every_size_window_and_effect(outcomes):
    assert len(outcomes) == 12 * len(SIZES) * len(WINDOWS) * len(EFFECTS)
    assert outcomes[COLUMNS].isin([0.0, 1.0]).all(axis=None)
    # of 150 sessions 131 lie before the first possible event and 4 after the last
    assert outcomes["row"].between(131, 145).all()


def test_the_same_seed_gives_the_same_outcomes(outcomes):
    again = simulate(made_up_exchanges(1, 0.002), events=12, seed=2)
    assert again.equals(outcomes)


def test_three_percent_is_always_found_where_shares_hardly_move_by_themselves(outcomes):
    # 3 % is 15 sd of a session: only the rank and sign tests, blind to size, may miss it in five members
    power = rejection_rates(outcomes).loc[0.03].drop(columns=["corrado", "generalised_sign"])
    assert (power.loc[(slice(None), [(0, 0)]), :] == 100.0).all(axis=None)


def test_standard_errors_count_pseudo_events_of_one_session_as_one(outcomes):
    doubled = standard_errors(outcomes.loc[outcomes.index.repeat(2)])
    # the same events twice say no more than once
    assert np.allclose(doubled, standard_errors(outcomes))


def test_members_are_chosen_on_sessions_outside_both_windows():
    returns = np.arange(1, 150)  # the number of each session, in thousandths, as its return
    closes = np.concatenate([[1.0], np.cumprod(1.0 + returns / 1000.0)])[:, None]
    numbers = {
        membership: np.round(membership_returns(closes, 135, membership)[:, 0] * 1000).astype(int).tolist()
        for membership in ("outside", "estimation")
    }
    # event in row 135: estimation rows 5..124, event window rows 135..139
    assert numbers["outside"] == [1, 2, 3, 4, *range(140, 150)]
    assert numbers["estimation"] == list(range(5, 125))


def test_the_nearest_to_a_security_is_itself_and_then_who_goes_with_it():
    random = np.random.default_rng(3)
    one, other = random.normal(size=(2, 100))
    returns = np.column_stack([other, one + 0.1 * random.normal(size=100), -one, one])
    assert nearest(returns, 3).tolist()[:2] == [3, 1]
    assert nearest(returns, 3).tolist()[-1] == 2


@pytest.mark.slow
def test_tests_that_allow_for_correlation_keep_their_level_on_korean_returns_and_the_naive_do_not(
    prices_folder,
):
    if not (prices_folder / "krx-all.parquet").is_file():
        pytest.skip(f"no krx-all.parquet in {prices_folder}")
    rates = rejection_rates(simulate(load_exchanges(prices_folder), events=2000, seed=20250127)).loc[0.0]
    for name in ("kolari_pynnonen", "portfolio", "spread"):
        assert rates[name].between(3.0, 8.0).all(), rates
    for name in ("cross_sectional", "patell", "bmp", "generalised_sign"):
        assert rates[name].gt(15.0).all(), rates
