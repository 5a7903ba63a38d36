"""Plants' fields for the tests of their models: as conf/ has them, changed at any path, checked, built."""

from __future__ import annotations

import copy
import math
import re
from collections.abc import Callable, Iterator, Mapping
from functools import cache
from typing import Any

import pytest
from hypothesis import strategies as st
from omegaconf import OmegaConf

from sim.plants.microgrid import Microgrid
from sim.plants.traffic_network import TrafficNetwork
from sim.units import HOUR
from twin.lab.configure.compose import compose
from twin.lab.configure.schema.checked import as_used
from twin.lab.configure.schema.models import model_of
from twin.lab.errors import UserError

Path = tuple[Any, ...]
Mutation = tuple[Path, Any]
CLASSES: dict[str, Callable[..., Any]] = {"Microgrid": Microgrid, "TrafficNetwork": TrafficNetwork}
GONE, TYPO = "(gone)", "(typo)"  # what a mutation can do beside putting a value: take the key away, misspell it
VALUES: list[Any] = [
    *(True, False, None, math.nan, math.inf, -math.inf, -1, -0.5, 0, 1, 2, 0.5, 2.5, 1e-9, 30, 5000.0),
    *(1e9, 1e300, 10**400),
    *("", " ", "x", "3", "yes", "4 h", "90 min", "0 s", "-4 h", "1e400 h", "30 kW", "3 kWh", "1 parsec", "out"),
    *([], [1], [0.0, 1.0], [None], ["x"], {}, {"x": 1}, {"law": "gamma", "mean": 300.0, "cv": 2}, {"mean": "10 min"}),
    *({"scipy": "expon", "scale": 500.0}, {"scipy": "norm"}, {"law": "gamma", "mean": 1e-9, "cv": 30}, {"law": "x"}),
    *({"times": [0.0], "values": [1.0]}, {"times": [0.0, 7.0], "values": [1.0, 2.0]}),
]  # fmt: skip


@cache
def _composed(name: str) -> dict[str, Any]:
    plain: Any = OmegaConf.to_container(compose("run", [f"plant={name}"]), resolve=True)
    fields: dict[str, Any] = plain["plant"]
    return fields


def plant(name: str) -> dict[str, Any]:
    """The fields of conf/plant/NAME.yaml."""
    return copy.deepcopy(_composed(name))


def used(fields: Mapping[str, Any]) -> Any:
    """The fields as they are used. Raises UserError."""
    model = model_of("plant", fields)
    assert model is not None
    return as_used(model, fields, "plant")


def refusal_of(fields: Mapping[str, Any]) -> str:
    """What the model says against them, empty for nothing."""
    try:
        used(fields)
    except UserError as error:
        return str(error)
    return ""


def built(fields: Mapping[str, Any], seed: int = 1) -> Any:
    """The plant of checked fields."""
    arguments = {key: value for key, value in fields.items() if key != "_target_"}
    return CLASSES[fields["_target_"].rpartition(".")[2]](seed=seed, **arguments)


def at(dotted: str) -> Path:
    """A path whose names have no dots."""
    return tuple(dotted.split("."))


def paths(node: Any, path: Path = ()) -> Iterator[Path]:
    """Every place in some fields."""
    inner = node.items() if isinstance(node, Mapping) else enumerate(node) if isinstance(node, list) else ()
    for key, value in inner:
        if key != "_target_":
            yield (*path, key)
            yield from paths(value, (*path, key))


def changed(fields: Mapping[str, Any], path: Path, value: Any) -> dict[str, Any]:
    """A copy with another value, or none, or another key, at a path. One that lies in what is gone changes nothing."""
    result: dict[str, Any] = copy.deepcopy(dict(fields))
    node: Any = result
    try:
        for step in path[:-1]:
            node = node[step]
        last = path[-1]
        if value == TYPO and isinstance(node, dict):
            node[f"{str(last)[:-1]}_"] = node.pop(last)
        elif value in (GONE, TYPO):
            node.pop(last)
        else:
            node[last] = copy.deepcopy(value)
    except (KeyError, IndexError, TypeError, AttributeError):
        pass
    return result


def takes(fields: Mapping[str, Any], path: Path) -> set[str]:
    """Keys that the plant's own constructor names when it is given an unknown one at a path."""
    with pytest.raises(ValueError, match="'unheard_of' is unknown") as caught:
        built(changed(fields, (*path, "unheard_of"), 1.0))
    return set(str(caught.value).rpartition("it takes ")[2].split(", "))


def mutations(fields: Mapping[str, Any]) -> st.SearchStrategy[list[Mutation]]:
    """One or two changes of any keys of the fields."""
    one = st.tuples(st.sampled_from(list(paths(fields))), st.sampled_from([*VALUES, GONE, TYPO]))
    return st.lists(one, min_size=1, max_size=2)


def hold(fields: Mapping[str, Any], changes: list[Mutation]) -> None:
    """What is promised of changed fields: one line that names path and what is allowed, or a plant that runs."""
    for path, value in changes:
        fields = changed(fields, path, value)
    refused = refusal_of(fields)
    if refused:
        assert re.fullmatch(r"plant\S*( = .*)?: .*(must |is missing|there is no such |did you mean ).*", refused), (
            refused
        )
        assert "nput should" not in refused
        return
    made = built(used(fields))
    for tick in range(1, 4):
        made.advance(min(tick * made.spec.tick, tick * HOUR))
    assert not any(math.isinf(figure) for figure in made.kpis().values())  # NaN: a mean of nothing
