"""From a part's node of a configuration to the part, with the parts that are nested in it.

Not Hydra's `instantiate`: that makes whatever a `_target_` names, wherever one stands, and follows references in texts.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from copy import deepcopy
from functools import partial
from typing import Any

from twin.lab.configure.config_tree import Place, dotted
from twin.lab.configure.located import located
from twin.lab.configure.product_class import role_at
from twin.lab.configure.renamed_targets import TARGET
from twin.lab.configure.trust import PARTIAL, refuse_untrusted


def made(config: Mapping[str, Any], group: str, **given: Any) -> Any:
    """The part at the root of a group, or, with `_partial_`, what makes it.

    config: a run's, of plain values; its `trust` says which modules it may name beside the product's. given: arguments
    beside those of the configuration. Raises UserError for a class that the configuration may not name.
    """
    trust = config.get("trust", ())
    refuse_untrusted(config[group], trust, f"{group}.", (group,))
    return _part(config[group], (group,), trust, given)


def _part(node: Mapping[str, Any], place: Place, trust: Sequence[str], given: Mapping[str, Any]) -> Any:
    kind = located(node[TARGET], role_at(place), trust, dotted((*place, TARGET)))
    fields = {
        name: _value(inner, (*place, name), trust) for name, inner in node.items() if name not in (TARGET, PARTIAL)
    }
    return partial(kind, **fields, **given) if node.get(PARTIAL) else kind(**{**fields, **given})


def _value(value: Any, place: Place, trust: Sequence[str]) -> Any:
    if isinstance(value, Mapping):
        if TARGET in value:
            return _part(value, place, trust, {})
        return {name: _value(inner, (*place, str(name)), trust) for name, inner in value.items()}
    if isinstance(value, list):
        return [_value(inner, (*place, position), trust) for position, inner in enumerate(value)]
    return deepcopy(value)
