"""Known plants with known answers, for `validate` and `bench`: the one place in the lab that may name a plant.

CASES: those of `tandem validate`, by name; a plant's own are registered here, in a file of their own.
"""

from __future__ import annotations

from twin.lab.validate.cases import citylearn, crossing, discrete_wear, flow, laws, maintenance, queues, storage, sumo
from twin.lab.validate.cases.case import Case

CASES: dict[str, Case] = {
    case.name: case
    for noun in (flow, maintenance, discrete_wear, queues, laws, storage, citylearn, crossing, sumo)
    for case in noun.CASES
}
