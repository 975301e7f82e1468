"""Backtest, scaled error, naive and band, against numbers worked out by hand."""

from __future__ import annotations

import random

import pytest

from planning.backtest import Values, backtest, half_width, naive_residuals, origins, scale, seasonal_naive

YEAR = [float(month) for month in range(1, 13)]


def test_three_years_of_months_are_tested_from_three_days() -> None:
    assert origins(36, 12) == [24, 28, 32]
    assert origins(156, 52) == [105, 122, 139]


def test_two_years_are_too_little_to_test_on() -> None:
    assert origins(24, 12) == []
    assert origins(28, 12) == [24]


def test_the_seasonal_naive_says_last_year_and_goes_round() -> None:
    assert seasonal_naive(YEAR, 14, season=12) == [*YEAR, 1.0, 2.0]


def test_under_a_season_the_naive_is_the_mean_and_of_nothing_zero() -> None:
    assert seasonal_naive([1.0, 2.0, 6.0], 2, season=12) == [3.0, 3.0]
    assert seasonal_naive([], 2, season=12) == [0.0, 0.0]


def test_the_naive_does_not_expect_refunds_again() -> None:
    assert min(seasonal_naive([-5.0, *YEAR[1:]], 12, season=12)) == 0.0


def test_the_error_of_the_naive_on_steady_growth_is_one() -> None:
    growing = [float(month) for month in range(36)]
    tested = backtest(
        growing, lambda past, ahead: seasonal_naive(past, ahead, season=12), season=12, horizon=12
    )
    assert tested is not None
    assert tested.error == 1.0
    assert len(tested.residuals) == 12 + 8 + 4


def test_a_forecaster_that_is_always_right_has_no_error_and_sees_no_future() -> None:
    values = [float(month % 7) for month in range(36)]

    def knows(past: Values, ahead: int) -> Values:
        assert list(past) == values[: len(past)]
        return values[len(past) : len(past) + ahead]

    tested = backtest(values, knows, season=12, horizon=6)
    assert tested is not None
    assert tested.error == 0.0
    assert len(tested.residuals) == 6 + 6 + 4


@pytest.mark.parametrize(("values", "measured_in"), [([0.0] * 24, 1.0), ([4.0] * 24, 4.0), (YEAR * 2, 6.5)])
def test_a_past_without_change_is_measured_in_its_size(values: list[float], measured_in: float) -> None:
    assert scale(values, 12) == measured_in


def test_the_band_is_the_residual_that_four_of_five_stay_under() -> None:
    assert half_width([float(n) for n in range(1, 10)], 50.0) == 8.0
    assert half_width([1.0, 2.0], 50.0) == 2.0


def test_one_residual_says_nothing_so_the_band_is_as_wide_as_the_forecast() -> None:
    assert half_width([0.0], 7.0) == 7.0


def test_residuals_of_a_short_past_are_its_distance_from_the_mean() -> None:
    assert naive_residuals([1.0, 2.0, 6.0], season=12) == (2.0, 1.0, 3.0)
    assert naive_residuals([*YEAR, 4.0], season=12) == (3.0,)


def test_four_of_five_future_months_fall_into_the_band() -> None:
    chance = random.Random(20261120)
    inside = total = 0
    for _ in range(200):
        values = [chance.gauss(100, 10) for _ in range(48)]
        naive = backtest(
            values[:36], lambda past, ahead: seasonal_naive(past, ahead, season=12), season=12, horizon=12
        )
        assert naive is not None
        width = half_width(naive.residuals, 100)
        guesses = seasonal_naive(values[:36], 12, season=12)
        inside += sum(abs(came - said) <= width for came, said in zip(values[36:], guesses, strict=True))
        total += 12
    assert 0.74 < inside / total < 0.88
