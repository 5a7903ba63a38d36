"""tandem validate [case=NAME [parameter=value ...]] [key=value ...]

The plant against exact results: every figure's 99 % interval over replications has to hold the reference, which is
computed from the case's parameters (closed form or Markov chain), and parts, state times and Little's law have to add
up. Exits with 1 where one misses twice, the second time with fresh seeds.

  tandem validate                                        every case with its standard parameters
  tandem validate case=two_machine_deterministic         one of them
  tandem validate case=exponential_line mu=1,.9,1.1 K=2  with your numbers; others stay as in the case's first set
  two_machine_deterministic (r1 p1 r2 p2 N)              parts per cycle; N parts between the machines, buffer N - 2
  two_machine_exponential (mu1 r1 p1 mu2 r2 p2 N)        parts per unit of time
  exponential_line (mu=LIST K)                           K places between each two stations
  age_replacement (beta eta cp cf [T])                   cost rate at age T; without T at the best age, and at failure only
  age_replacement_availability (beta eta tp tf [T])
  mm1k (lambda mu K)  mmc (lambda mu c)  mg1 (lambda mean cv2)
  repairman (M c lambda mu)
  markov_wear (states step repair preventive threshold)
  markov_wear_line (mu1 mu2 K states step repair preventive threshold technicians)
  conservation
  webster (ns ew cycle)                                  control delay at a fixed-time crossing; veh/h per approach
  sumo_cycles (cycle)  sumo_plans                        the same against figures measured in SUMO
  always_green (load flow)
  sumo_crossing (ns ew cycle)                            side by side with SUMO, where the extra `sumo` is installed
  citylearn (data=FOLDER)                                a year's cost of six policies on recorded buildings
  case=?             names them all, other plants' too
  precision=.01      largest half-width of an interval, as a share of the reference (default .01, where a buffer's place
                     counts less than that .0025)
  replications=400   at most, for one figure
  quick=true         the first set of each case that is not long, precision=.05 unless given: seconds
  seed=0 processes=1 json=FILE
"""

from __future__ import annotations

import difflib
import os
import sys
import time
from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any

from twin.lab.arguments import split
from twin.lab.errors import UserError

if TYPE_CHECKING:
    from twin.lab.validate.gate import Check

OPTIONS = ("case", "seed", "precision", "replications", "processes", "quick", "json")
QUICK = 0.05
SILENCE = 15.0  # s between two lines of progress


def main(arguments: Sequence[str]) -> None:
    """Simulate what was asked for, print it, and exit with 1 where something fails."""
    start = time.perf_counter()
    named = any(argument.startswith("case=") for argument in arguments)
    given = {a.partition("=")[0]: a.partition("=")[2] for a in arguments if named and _is_parameter(a)}
    positionals, options = split([a for a in arguments if not (named and _is_parameter(a))], OPTIONS, "validate")
    if positionals:
        raise UserError(f"{positionals[0]}: validate takes case=NAME and key=value only")
    from twin.lab.configure.checks import writable
    from twin.lab.record.json_rows import write_rows
    from twin.lab.validate.gate import HOLDS, Gate
    from twin.lab.validate.table import print_findings, rows
    from twin.lab.workers import Workers

    try:
        settings = _settings(options)
        checks = _checks(options.get("case"), given, settings)
    except ValueError as error:
        raise UserError(str(error)) from None
    if "json" in options:
        writable("json", Path(options["json"]))
    try:
        with Workers(settings["processes"]) as workers:
            gate = Gate(seed=settings["seed"], most=settings["replications"], workers=workers, progress=_Progress())
            findings = gate.judge(checks)
    except ValueError as error:  # the plant refuses the numbers
        raise UserError(str(error)) from None
    print_findings(findings, seconds=time.perf_counter() - start, cpu_seconds=sum(os.times()[:4]))
    write_rows(options.get("json"), rows(findings))
    if any(finding.verdict != HOLDS for finding in findings):
        raise SystemExit(1)


def _is_parameter(argument: str) -> bool:
    """Whether it is for the case to know."""
    key, mark, _ = argument.partition("=")
    return bool(mark) and key.isidentifier() and key not in OPTIONS


def _settings(options: dict[str, str]) -> dict[str, Any]:
    """The options as numbers."""
    from twin.lab.validate.parameters import Number, Whole, read

    quick = options.get("quick", "false")
    if quick not in ("true", "false"):
        raise ValueError(f"quick = {quick}: must be true or false")
    numbers = (
        Whole("seed", 0, 10**9), Whole("replications", 2, 10**6), Whole("processes", 1, 1024),
        Number("precision", above=0.0, high=0.5),
    )  # fmt: skip
    typed = read("validate", numbers, {n.name: options[n.name] for n in numbers if n.name in options})
    defaults = {"seed": 0, "replications": 400, "processes": 1, "precision": QUICK if quick == "true" else None}
    return defaults | typed | {"quick": quick == "true"}


def _checks(name: str | None, given: dict[str, str], settings: dict[str, Any]) -> list[Check]:
    from twin.lab.validate.cases import CASES
    from twin.lab.validate.parameters import read

    precision, first = settings["precision"], settings["quick"]
    if name is None:
        wanted = [case for case in CASES.values() if case.ready() and (case.quick or not first)]
        return [check for case in wanted for check in case.examples_checks(precision, first=first)]
    if name not in CASES:
        close = difflib.get_close_matches(name, CASES, 1)
        hint = f"did you mean {close[0]}? " if close else ""
        raise ValueError(f"case = {name}: there is no such case; {hint}cases are {', '.join(CASES)}")
    case = CASES[name]
    if not given:
        return case.examples_checks(precision, first=first)
    return list(case.checks(read(f"case {name}", case.parameters, given, OPTIONS), precision))


class _Progress:
    """Lines on stderr, not too many."""

    def __init__(self) -> None:
        self._told = time.perf_counter()

    def __call__(self, what: str, done: int, of: int, seconds: float) -> None:
        now = time.perf_counter()
        if now - self._told >= SILENCE or (done == of and seconds >= SILENCE):
            self._told = now
            print(f"{what}: {done} of {of} replications, {seconds:.0f} s", file=sys.stderr, flush=True)
