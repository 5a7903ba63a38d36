"""The parts of a twin, made for one plant from a configuration and put together."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from sim.contract import PlantSpec
from twin.checks import rising_ticks
from twin.layout import Layout
from twin.learning.learner import Learner
from twin.memory.memory import Memory
from twin.planning.encoder import PlanEncoder
from twin.reliability.failure_paths import FailurePaths
from twin.scoring.calibration import Calibration
from twin.scoring.ledger import Ledger
from twin.sensing.cleaning import Cleaner
from twin.sensing.features import Features
from twin.sensing.scaling import Scaler
from twin.sensing.window import Window
from twin.surrogates.base import Shape, Surrogate

Options = Mapping[str, Any] | None


@dataclass(frozen=True, kw_only=True, slots=True)
class TwinOptions:
    """What conf/twin/*.yaml says of a twin.

    horizons: of the forecasts, ticks, rising. edges: ends of the hazard's bins, ticks, rising. leads: horizons at which
    failures are scored, ticks, rising. The others are keyword arguments of Window, Cleaner, Features, Memory, Learner,
    Promotion, Drift, Recovery, Convergence, Calibration and FailurePaths. Raises ValueError for ticks that do not rise.
    """

    horizons: Sequence[int] = (1, 6, 36, 144)
    edges: Sequence[float] = (1, 3, 6, 12, 24, 36, 72, 144)
    leads: Sequence[int] = (6, 36, 144)
    window: Options = None
    cleaning: Options = None
    features: Options = None
    memory: Options = None
    learner: Options = None
    promotion: Options = None
    drift: Options = None
    recovery: Options = None
    convergence: Options = None
    calibration: Options = None
    degradation: Options = None
    bins: tuple[float, ...] = field(init=False)  # edges of the hazard's bins, ticks, 0 first

    def __post_init__(self) -> None:
        rising_ticks("Twin", 1, horizons=self.horizons, edges=self.edges, leads=self.leads)
        object.__setattr__(self, "bins", (0.0, *map(float, self.edges)))


class Sensing:
    """From messages to scaled features: the window of ticks, the features of each, their scaler; names and positions.

    encoder: of plans. shape: what a surrogate is built for.
    """

    def __init__(self, *, spec: PlantSpec, options: TwinOptions) -> None:
        layout, horizons = Layout(spec), options.horizons
        chosen = {"spans": (6, 36, 144)} | dict(options.features or {})
        self.window = Window(
            spec=spec, cleaner=Cleaner(spec=spec, **(options.cleaning or {})), **(options.window or {})
        )
        self.features = Features(layout=layout, horizons=horizons, **chosen)
        self.scaler = Scaler(len(self.features.columns.names))
        self.encoder = PlanEncoder(layout=layout, horizons=horizons)
        columns: dict[str, Any] = {"features": self.features.columns, "plan": self.encoder.columns}
        self.shape = Shape.of(layout=layout, **columns, horizons=horizons, edges=options.bins)


def failure_paths(spec: PlantSpec, sensing: Sensing, options: TwinOptions) -> FailurePaths:
    """The hazards that rest on how signals move."""
    watched: dict[str, Any] = {"columns": sensing.features.rise_columns, "modes": sensing.shape.modes}
    return FailurePaths(
        assets=len(spec.assets), edges=options.bins, tick=spec.tick, **watched, **(options.degradation or {})
    )


class Learning:
    """A surrogate, what it has seen, what its forecasts came to, and when it learns.

    Raises ValueError for a memory that forgets a forecast before its last truth has come.
    """

    def __init__(
        self,
        *,
        spec: PlantSpec,
        sensing: Sensing,
        surrogate: Callable[..., Surrogate],
        seed: int,
        device: str,
        options: TwinOptions,
    ) -> None:
        layout, horizons, leads = Layout(spec), options.horizons, options.leads
        self.surrogate = surrogate(shape=sensing.shape, seed=seed, device=device)
        sizes = {"capacity": 8640, "rare": 0.0, "context": self.surrogate.context} | dict(options.memory or {})
        self.memory = Memory(assets=len(spec.assets), horizons=horizons, edges=options.bins, seed=seed, **sizes)
        span = max(*horizons, *leads) + sensing.window.grace
        if self.memory.capacity < span:
            reason = f"must be at least the longest horizon or lead and the grace of the window, {span} ticks"
            raise ValueError(f"Twin: memory.capacity = {self.memory.capacity}: {reason}")
        self.ledger = Ledger(layout=layout, horizons=horizons, leads=leads, memory=self.memory, encoder=sensing.encoder)
        targets = layout.target_names
        self.calibration = Calibration(
            assets=len(spec.assets), targets=len(targets), horizons=horizons, **(options.calibration or {})
        )
        names = ("convergence", "promotion", "drift", "recovery")
        self.learner = Learner(
            surrogate=self.surrogate,
            memory=self.memory,
            scaler=sensing.scaler,
            horizons=horizons,
            targets=targets,
            parts={name: getattr(options, name) for name in names},
            **(options.learner or {}),
        )
