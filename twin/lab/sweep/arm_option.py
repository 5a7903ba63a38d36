"""`experiment=STUDY arm=ARM` of a single run: one arm of a study."""

from __future__ import annotations

from collections.abc import Sequence

from twin.lab.errors import UserError
from twin.lab.sweep.study import is_study, named

KEYS = ("experiment=", "arm=")


def arm_option(arguments: Sequence[str]) -> tuple[list[str], dict[str, str] | None]:
    """The overrides of a run, its arm's put in, and what its run.json says of the study (None without a study).

    Raises UserError for an unknown experiment or arm, and for a study without an arm.
    """
    options = dict(a.split("=", 1) for a in arguments if a.startswith(KEYS))
    name = options.get("experiment", "null")
    try:
        if name == "null" or not is_study(name):
            return list(arguments), None
        study = named(name)
        if "arm" not in options:
            raise UserError(
                f"experiment = {name}: is a study of the arms {', '.join(study.arms)}; arm= chooses one, "
                f"tandem run -m experiment={name} makes them all"
            )
        rest = [a for a in arguments if not a.startswith(KEYS)]
        return [*study.trusted_arm(options["arm"], rest), *rest], {"experiment": name, "arm": options["arm"]}
    except ValueError as error:
        raise UserError(str(error)) from None
