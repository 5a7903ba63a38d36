"""What every plant must hold to, see sim.contract and sim/README.md."""

from __future__ import annotations

import math
from typing import Any

from sim.contract import COMMAND_APPLIED, COMMAND_REFUSED, FAILED, Action, Plant, PlantSpec, Silenceable, Truth
from twin.lab.check.finding import ContractCheck, FaultError, NotOfferedError
from twin.lab.check.short_runs import commands, difference, messages_of, turns_of
from twin.lab.check.subject import CheckedChoice

TICKS = 20  # before a fork, and after it
CARRIED_OUT = 5  # ticks within which a command without latency is applied or refused
LOSSY = "network=lossy"
STRANGE = "check.no_such_actuator"
MEMBERS = tuple(name for name in vars(Plant) if not name.startswith("_"))


def _has_the_methods(subject: CheckedChoice) -> None:
    plant = subject.plant()
    missing = [name for name in MEMBERS if not hasattr(type(plant), name) and name not in vars(plant)]
    if missing:
        raise FaultError(f"{type(plant).__name__} lacks {', '.join(missing)}, see sim.contract.Plant")
    if not isinstance(plant.spec, PlantSpec):
        raise FaultError(f"spec is {type(plant.spec).__name__}: must be a sim.contract.PlantSpec")


def _has_an_objective(subject: CheckedChoice) -> None:
    plant = subject.plant()
    plant.advance(plant.spec.tick)
    objective, kpis = plant.spec.objective, plant.kpis()
    if not objective.signal:
        raise FaultError("spec.objective.signal is empty: must be the key of the signal that measures the objective")
    if objective.figure and objective.figure not in kpis:
        raise FaultError(f"spec.objective.figure = {objective.figure!r}: kpis() has no such figure")
    if not kpis:
        raise FaultError("no kpis")
    for name, value in kpis.items():
        if not isinstance(value, int | float) or math.isinf(value):
            raise FaultError(f"kpis()[{name!r}] = {value}: must be a finite number, or NaN where there is none yet")
    if objective.figure and math.isnan(kpis[objective.figure]):
        raise FaultError(
            f"kpis()[{objective.figure!r}] = nan: the objective's figure must be a number from the first tick"
        )
    if repr(plant.kpis()) != repr(kpis):
        raise FaultError("kpis() asked twice at the same time differ: asking must change nothing")


def _shows_its_truth(subject: CheckedChoice) -> None:
    plant = subject.plant()
    before = 0
    for number in range(1, TICKS + 1):
        plant.advance(number * plant.spec.tick)
        truth = plant.truth()
        _check_truth(plant, truth)
        if truth["events_processed"] < before:
            raise FaultError(f"truth()['events_processed'] falls from {before} to {truth['events_processed']}")
        before = truth["events_processed"]


def _check_truth(plant: Plant, truth: Truth) -> None:
    if not isinstance(truth, dict) or not isinstance(truth.get("events_processed"), int):
        raise FaultError("truth() lacks 'events_processed', a whole number; see sim.contract.Truth")
    by_asset: dict[str, dict[str, Any]] = {
        "state": truth.get("state", {}),
        "state_seconds": truth.get("state_seconds", {}),
        "wear": truth.get("wear", {}),
    }
    for key, values in by_asset.items():
        strange = [asset for asset in values if asset not in plant.spec.asset_index]
        if strange:
            raise FaultError(f"truth()[{key!r}] names {strange[0]!r}, which is no asset of the spec")
    for asset, seconds in truth.get("state_seconds", {}).items():
        if abs(sum(seconds.values()) - plant.now) > 1e-6 * max(plant.now, 1.0):
            raise FaultError(
                f"truth()['state_seconds'][{asset!r}] adds up to {sum(seconds.values()):g} s, not {plant.now:g}"
            )


def _keeps_to_its_spec(subject: CheckedChoice) -> None:
    plant, arrived, read = subject.plant(LOSSY), 0.0, 0
    spec: PlantSpec = plant.spec
    for message in messages_of(plant, 30):
        name = f"message {message.sequence} of {message.channel}"
        if not arrived <= message.arrived <= plant.now:
            raise FaultError(f"{name} arrived at {message.arrived:g} s: must not be before the one before it")
        if message.arrived < message.sent:
            raise FaultError(f"{name} was sent at {message.sent:g} s and arrived before, at {message.arrived:g} s")
        if not len(message.signals) == len(message.times) == len(message.values):
            raise FaultError(f"{name}: signals, times and values must be equally long")
        if len(message.signals) and not 0 <= message.signals.min() <= message.signals.max() < len(spec.signals):
            raise FaultError(f"{name}: signals must be positions in spec.signals, below {len(spec.signals)}")
        if len(message.signals) and message.times.max() > message.sent:
            raise FaultError(f"{name} has a reading measured after it was sent")
        _check_events(spec, message.events)
        arrived, read = message.arrived, read + len(message.signals)
    if abs(plant.now - 30 * spec.tick) > 1e-6 * spec.tick:
        raise FaultError(f"after advance({30 * spec.tick:g}) now = {plant.now:g} s")
    if not read:
        raise FaultError("30 ticks delivered no reading")


def _check_events(spec: PlantSpec, events: Any) -> None:
    for event in events:
        if event.asset and event.asset not in spec.asset_index:
            raise FaultError(f"event {event.kind} of {event.asset!r}, which is no asset of the spec")
        if event.kind == FAILED and event.detail not in spec.modes and not event.detail == "":
            raise FaultError(f"{event.asset} failed by {event.detail!r}: spec.modes has {', '.join(spec.modes)} only")


def _comes_from_its_seed(subject: CheckedChoice) -> None:
    one, two, other = (messages_of(subject.plant(LOSSY, f"seed={s}"), TICKS) for s in (4, 4, 5))
    where = difference(one, two)
    if where:
        raise FaultError(f"two plants of the same seed differ: {where}")
    if not difference(one, other):
        raise FaultError("two plants of different seeds report the same: seed is not used")


def _forked(plant: Any, reseed: int | None = None) -> Any:
    try:
        fork = plant.fork() if reseed is None else plant.fork(reseed=reseed)
    except (ValueError, NotImplementedError) as error:
        raise NotOfferedError(f"it cannot be forked: {error}") from None
    if fork is plant:
        raise FaultError("fork() returns the plant itself: must be an independent copy")
    if type(fork) is not type(plant):
        raise FaultError(f"fork() returns {type(fork).__name__}: must be {type(plant).__name__}")
    return fork


def _forks_share_nothing(subject: CheckedChoice) -> None:
    plant = subject.plant(LOSSY, "seed=4")
    messages_of(plant, TICKS)
    before, reference, fork = repr((plant.now, plant.kpis(), plant.truth())), _forked(plant), _forked(plant)
    for action in commands(fork):
        fork.apply(action)
    messages_of(fork, TICKS)
    after = repr((plant.now, plant.kpis(), plant.truth()))
    if before != after:
        raise FaultError("advancing a fork changed now, kpis() or truth() of the plant: they share state")
    where = difference(messages_of(plant, TICKS), messages_of(reference, TICKS))
    if where:
        raise FaultError(
            f"after a fork was advanced the plant goes on otherwise than a copy made before; do forks share state "
            f"(a list, a random generator)? {where}"
        )


def _a_fork_has_the_same_future(subject: CheckedChoice) -> None:
    plant = subject.plant(LOSSY, "seed=4")
    messages_of(plant, TICKS)
    fork, other = _forked(plant), _forked(plant, reseed=9)
    ahead = messages_of(plant, TICKS)
    where = difference(ahead, messages_of(fork, TICKS))
    if where:
        raise FaultError(f"a fork does not go on as the plant does; does it share state with it? {where}")
    if not difference(ahead, messages_of(other, TICKS)):
        raise FaultError("fork(reseed=9) has the same future as the plant: reseed is not used")


def _a_snapshot_goes_on(subject: CheckedChoice) -> None:
    plant = subject.plant(LOSSY, "seed=4")
    messages_of(plant, TICKS)
    try:
        data = plant.snapshot()
    except (ValueError, NotImplementedError) as error:
        raise NotOfferedError(f"it cannot be saved: {error}") from None
    where = difference(messages_of(type(plant).restore(data), TICKS), messages_of(plant, TICKS))
    if where:
        raise FaultError(f"a restored snapshot does not go on as the plant does: {where}")
    try:
        type(plant).restore(b"no snapshot")
    except ValueError:
        return
    raise FaultError("restore(b'no snapshot') raises no ValueError: must refuse what is no snapshot")


def _takes_commands(subject: CheckedChoice) -> None:
    """Each is applied or refused with an event; a strange one is refused, and raises nothing."""
    plant = subject.plant()
    plant.advance(plant.spec.tick)
    plant.journal()
    sent = [*(action.actuator for action in commands(plant)), STRANGE]
    for action in (*commands(plant), Action(plant.now, STRANGE)):
        plant.apply(action)
    messages_of(plant, CARRIED_OUT)
    events = plant.journal()
    applied = {event.detail for event in events if event.kind == COMMAND_APPLIED}
    refused = {event.detail.partition(":")[0] for event in events if event.kind == COMMAND_REFUSED}
    if STRANGE not in refused:
        raise FaultError(f"a command for {STRANGE!r}, which it does not have, is not refused with an event")
    silent = [key for key in sent if key not in applied | refused]
    if silent:
        raise FaultError(f"a command for {silent[0]} is neither applied nor refused with an event")


def _can_be_silenced(subject: CheckedChoice) -> None:
    plant: Any = subject.plant()
    if not isinstance(plant, Silenceable):
        raise NotOfferedError("it has no silence(), which only makes forks without readings faster")
    fork: Any = plant
    fork.silence()
    if any(len(message.signals) for message in messages_of(fork, TICKS)):
        raise FaultError("after silence() it still sends readings")


def _a_twin_runs_on_it(subject: CheckedChoice) -> None:
    turns_of(*subject.pair(), 5)


CHECKS = (
    ContractCheck("it is built, and has the methods of a plant", _has_the_methods, vital=True),
    ContractCheck("key figures are numbers, the objective's among them", _has_an_objective),
    ContractCheck("truth() has the keys that the lab reads", _shows_its_truth),
    ContractCheck("messages keep to the spec", _keeps_to_its_spec),
    ContractCheck("the same seed is the same plant, another seed another", _comes_from_its_seed),
    ContractCheck("a fork has the same future, a reseeded one another", _a_fork_has_the_same_future),
    ContractCheck("a fork shares no state with the plant", _forks_share_nothing),
    ContractCheck("a restored snapshot goes on as the plant does", _a_snapshot_goes_on),
    ContractCheck("commands are applied or refused with an event", _takes_commands),
    ContractCheck("silenced, it sends no readings", _can_be_silenced),
    ContractCheck("a twin runs on it", _a_twin_runs_on_it),
)
