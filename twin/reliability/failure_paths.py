"""Failure as the end of a path: a signal moves, life after life, to about the same height, where the asset fails."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray
from scipy.optimize import minimize
from scipy.special import log_ndtr

from twin.checks import flag
from twin.forecast import Floats
from twin.sensing.lives import Life, Lives
from twin.state import SavedFields

ROWS = 128  # of a path that are remembered; a longer one is thinned
FEWEST = 3  # failures below which no law is fitted; rows below which a life has no path
LIVES = 256  # that failed, and as many that did not, are remembered
BELIEF = 2.0  # weight of the prior of both deviations below, in failures
SPREAD, VARIATION = 0.25, 0.4  # prior deviations, as shares: of the height at failure; of the pace between lives
PRIOR = 0.1  # share of a path after which its measured pace weighs as much as the mean pace of all lives
PLAIN = 1.5  # how many deviations of its height at failure a signal must have grown in the second half of a life
HALF = np.log(2.0)
PROOF = 3.0  # log likelihood ratio to a constant hazard from which the forecast is used
CREDIT = 10.0  # bound of that log likelihood ratio, both ways, so that it can still turn
LATE = 8  # ticks of past forecasts that are stored: a failure reported later than this is not scored
DOUBT = 0.1  # share of the constant hazard that is added to that of the path
WILDEST = 1.0  # variation of paces; beyond it wear would tell less the greater it is


@dataclass(frozen=True, slots=True)
class PathLaw:
    """How paths to failure in a mode run.

    Wear is (rise / height)^power, linear in age, and ends an asset at N(1, spread^2). which: the column; height: its
    median at failure. rate: usual wear per tick; variation: of the rate, from life to life, as a share.
    """

    mode: int
    which: int
    height: float
    power: float
    spread: float
    rate: float
    variation: float

    def survival(self, rise: Floats, age: Floats, ahead: Floats) -> Floats:
        """[assets, ahead] log probability of no failure within `ahead` ticks. rise, age (ticks): [assets]."""
        wear = np.clip(rise / self.height, 0.0, None) ** self.power
        wear = np.minimum(wear, 1.0 + 2.0 * self.spread)[:, None]
        pace = (wear + PRIOR) / (age[:, None] + PRIOR / self.rate)
        doubt = self.variation * pace * ahead / np.sqrt(1.0 + wear / PRIOR)
        then = log_ndtr((1.0 - wear - pace * ahead) / np.hypot(self.spread, doubt))
        log_survival = then - log_ndtr((1.0 - wear) / self.spread)
        result: Floats = np.minimum.accumulate(np.minimum(log_survival, 0.0), 1)
        return result


class FailurePaths(SavedFields):
    """Forecasts the hazard of the most frequent failure mode from how far a signal has moved since renewal.

    It needs few failures. One column is used: the one that moves most in the second half of failed lives, in deviations
    of its height at failure (prognosability and monotonicity: Coble & Hines 2009). One power makes its paths linear in
    age. Each asset's pace is shrunk to the mean pace of all lives.
    The forecast is NaN where no column moves enough. It is also NaN until the forecasts of each next tick have a higher
    likelihood than a constant hazard by PROOF: with few failures and many columns a column may fit by chance.
    columns: number of columns of each asset. edges: of the hazard's bins, ticks. modes: number of failure modes.
    tick: s. active: false to forecast NaN always, as where lives are many and a surrogate learns the hazard better.
    Raises ValueError where `active` is not true or false.
    Source: Lu & Meeker 1993 (degradation paths with random rates, failure as first passage).
    """

    STATE_FIELDS = (
        "_path",
        "_when",
        "_length",
        "_stride",
        "_skip",
        "_age",
        "_ends",
        "_closed",
        "_seen",
        "_credit",
        "_forecasts",
        "_forecast_mode",
    )

    def __init__(
        self, *, assets: int, columns: int, edges: Sequence[float], tick: float, modes: int = 1, active: bool = True
    ) -> None:
        flag("FailurePaths", active=active)
        self.active, self._modes, self._tick, self._edges = active, modes, tick, np.asarray(edges, dtype=float)
        rows = ROWS if active else 0
        self._path: Floats = np.zeros((assets, rows, columns))
        self._when: Floats = np.zeros((assets, rows))  # ages
        self._length, self._skip, self._age = (np.zeros(assets, dtype=np.int64) for _ in range(3))
        self._stride: NDArray[np.int64] = np.ones(assets, dtype=np.int64)
        self._ends: list[list[float]] = []  # of lives: mode or -1, ticks, heights half-way, heights at the end
        self._closed = self._seen = 0  # lives with a path, lives
        self._credit = 0.0
        # [LATE, assets, 2] hazards forecast for the next tick, by paths and if constant; the newest row is the last.
        self._forecasts: Floats = np.full((LATE, assets, 2), np.nan)
        self._forecast_mode = -1  # failure mode of the newest row of _forecasts, -1 for none
        self._law: tuple[int, PathLaw | None] = (0, None)

    def update(
        self, rise: Floats, up: NDArray[np.bool_], age: Floats, lives: Lives, rate: Floats, *, learns: bool = True
    ) -> Floats:
        """[assets, bins, modes] probability of failure in a bin for assets up at its beginning; NaN: no forecast.

        rise: [assets, columns] of a tick that has been closed, NaN where unknown; up, age (ticks since renewal), rate
        (hazard per tick if it were constant): [assets].
        """
        result = np.full((len(up), len(self._edges) - 1, self._modes), np.nan)
        if not self.active:
            return result
        self._end(lives.finished[self._seen :], learns)
        self._seen = len(lives.finished)
        self._age = np.where(up, age, self._age).astype(np.int64)
        self._extend(np.flatnonzero(up & np.isfinite(rise).any(1)), rise)
        law, last_mode, self._forecast_mode = self.law(), self._forecast_mode, -1
        if law is not None:
            self._credit = self._credit if law.mode == last_mode else 0.0
            constant = rate * lives.failures[:, law.mode].sum() / lives.failures.sum()
            hazard = np.where(up[:, None], self._hazard(law, rise[:, law.which], age, constant), np.nan)
            next_tick = _per_tick(hazard[:, 0], self._edges[1]), np.minimum(constant, 0.5)
            self._forecast_mode, self._forecasts = (
                law.mode,
                np.concatenate([self._forecasts[1:], np.stack(next_tick, 1)[None]]),
            )
            result[..., law.mode] = hazard if self._credit >= PROOF else np.nan
        return result

    def _hazard(self, law: PathLaw, rise: Floats, age: Floats, constant: Floats) -> Floats:
        """[assets, bins]"""
        log_survival = law.survival(rise, np.maximum(age, 1.0), self._edges)
        log_survival -= DOUBT * constant[:, None] * self._edges
        return np.asarray(-np.expm1(np.diff(log_survival, axis=1)))

    def _end(self, lives: Sequence[Life], learns: bool) -> None:
        """Take the lives that have ended since the last tick; the hazards forecast for that tick are scored by them."""
        stood, won = np.ones(self._forecasts.shape[1], dtype=bool), 0.0
        for life in lives:
            asset = life.asset
            stood[asset] = False
            since = np.floor(self._age[asset] - life.duration / self._tick) + 1  # ticks that it has been ended, unknown
            if life.failed and life.mode == self._forecast_mode and since < LATE:
                one, other = self._forecasts[-1 - max(int(since), 0), asset]
                won += float(np.nan_to_num(np.log(one / other)))
            if learns:
                self._close(life)
            self._length[asset], self._stride[asset], self._skip[asset] = 0, 1, 0
        if learns and self._forecast_mode >= 0:
            one, other = self._forecasts[-1, stood].T
            won += float(np.nansum(np.log1p(-one) - np.log1p(-other)))
            self._credit = min(max(self._credit + won, -CREDIT), CREDIT)

    def _extend(self, assets: NDArray[np.intp], rise: Floats) -> None:
        """Paths by their newest tick; thinned where they grow too long."""
        due = assets[self._skip[assets] == 0]
        self._skip[assets] = np.maximum(self._skip[assets] - 1, 0)
        full = due[self._length[due] == ROWS]
        self._path[full, : ROWS // 2], self._when[full, : ROWS // 2] = self._path[full, ::2], self._when[full, ::2]
        self._length[full], self._stride[full] = ROWS // 2, 2 * self._stride[full]
        self._path[due, self._length[due]], self._when[due, self._length[due]] = rise[due], self._age[due]
        self._length[due] += 1
        self._skip[due] = self._stride[due] - 1

    def _close(self, life: Life) -> None:
        """Store how the path of a finished life ran. Rows after the end of the life are left out."""
        asset, lasted = life.asset, life.duration / self._tick
        length = int(np.count_nonzero(self._when[asset, : self._length[asset]] < lasted))
        if length < FEWEST:
            return
        half, end = self._path[asset, (length - 1) // 2], self._path[asset, length - 1]
        ticks = min(float(self._age[asset]), float(np.floor(lasted)))
        self._ends.append([float(life.mode), ticks, *half.tolist(), *end.tolist()])
        self._closed += 1
        alike = [place for place, row in enumerate(self._ends) if (row[0] < 0) == (life.mode < 0)]
        if len(alike) > LIVES:
            del self._ends[alike[0]]

    def law(self) -> PathLaw | None:
        """The law of the most frequent failure mode, fitted to the lives so far; None where no column fits."""
        if self._law[0] != self._closed:
            ends = np.array(self._ends)
            modes = ends[ends[:, 0] >= 0, 0].astype(int)
            self._law = self._closed, fit_law(ends, int(np.bincount(modes).argmax())) if len(modes) else None
        return self._law[1]


def _per_tick(chance: Floats, ticks: float) -> Floats:
    """[assets] hazard of one tick, of the chance in several; never quite 1."""
    return np.asarray(-np.expm1(np.log1p(-np.minimum(chance, 1 - 1e-9)) / ticks))


def fit_law(ends: Floats, mode: int) -> PathLaw | None:
    """The law of a mode, from lives [lives, 2 + 2 columns]: how they ended (a mode, or -1 for maintenance), ticks,
    heights half-way, heights at the end. Lives that ended otherwise are censored: they would have gone on to greater
    heights.
    """
    failed, lasted, (half, end) = ends[:, 0] == mode, ends[:, 1], np.split(ends[:, 2:], 2, axis=1)
    which = _plainest(half[failed], end[failed]) if np.count_nonzero(failed) >= FEWEST else None
    if which is None:
        return None
    height = float(_robust(end[failed])[0][which])
    bends = _bends(end[:, which] / height, half[:, which] / height)
    power = float((len(bends) + BELIEF) / (np.median(bends) * len(bends) + BELIEF if len(bends) else BELIEF))
    known = np.isfinite(end[:, which]) & (lasted > 0)
    wear = np.clip(end[known, which] / height, 0.0, None) ** power
    level, spread = _threshold(wear, failed[known])
    rate = float(wear.sum() / lasted[known].sum() / level)
    paces = (wear / level + PRIOR) / (lasted[known] + PRIOR / rate) / rate
    variation = float(_pooled_deviation(paces.std(), VARIATION, len(wear)))
    return PathLaw(mode, which, height * level ** (1 / power), power, spread / level, rate, min(variation, WILDEST))


def _plainest(half: Floats, end: Floats) -> int | None:
    """The column that moves most in the second halves of failed lives, in deviations of its height at the end. half,
    end: [failures, columns]. None where none is plain.
    """
    known = np.isfinite(end).sum(0)
    middle, spread = _robust(end)
    spread = _pooled_deviation(spread, 2 * SPREAD * middle, known)
    grown = np.abs(middle - _robust(half)[0])
    moves = (known >= FEWEST) & (spread > 0) & (np.abs(middle) >= grown)
    plain = np.divide(grown, spread, out=np.zeros_like(middle), where=moves)
    which = int(np.argmax(plain))
    return which if plain[which] >= PLAIN else None


def _threshold(wear: Floats, failed: NDArray[np.bool_]) -> tuple[float, float]:
    """(mean, deviation) of the normal level at which wear ends a life; [lives], those that have not failed are
    censored.

    Maximum a posteriori: the prior is worth BELIEF failures with deviation SPREAD around 1.
    """

    def unlikely(about: Floats) -> float:
        mean, spread = about[0], np.exp(about[1])
        away = (wear - mean) / spread
        beforehand = BELIEF * (about[1] + (SPREAD**2 + (mean - 1.0) ** 2) / (2 * spread**2))
        ended = np.sum(away[failed] ** 2 / 2 + about[1])
        return float(beforehand + ended - log_ndtr(-away[~failed]).sum())

    best = minimize(
        unlikely, np.array([1.0, np.log(SPREAD)]), method="Nelder-Mead", options={"xatol": 1e-4, "fatol": 1e-6}
    )
    return float(best.x[0]), float(np.exp(best.x[1]))


def _pooled_deviation(spread: Any, prior: Any, count: Any) -> Any:
    """The deviation `spread` of `count` values, pooled with the prior deviation as BELIEF values more."""
    return np.sqrt((count * np.square(spread) + BELIEF * np.square(prior)) / (count + BELIEF))


def _bends(end: Floats, half: Floats) -> Floats:
    """How often a path doubles in the second half of its life: 1 where it is straight."""
    known = (end > PRIOR / 5) & (half > PRIOR / 5)
    return np.asarray(np.clip(np.log(end[known] / half[known]) / HALF, 0.5, 4.0))


def _robust(values: Floats) -> tuple[Floats, Floats]:
    """([columns] median, [columns] deviation from the median absolute one), 0 where nothing is known."""
    empty = ~np.isfinite(values).any(0)
    filled = np.where(empty, 0.0, values)
    middle = np.nanmedian(filled, axis=0)
    return middle, 1.4826 * np.nanmedian(np.abs(filled - middle), axis=0)
