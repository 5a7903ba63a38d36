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
  age_replacement (beta eta cp cf [T])                   cost rate at age T; without T at the best age and at failure
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

import os
import time
from collections.abc import Sequence
from pathlib import Path

from twin.lab.arguments import split
from twin.lab.errors import UserError


def main(arguments: Sequence[str]) -> None:
    """Simulate the cases, print what came of them, and exit with 1 where one fails."""
    from twin.lab.configure.checks import writable
    from twin.lab.record.json_rows import write_rows
    from twin.lab.validate.gate import HOLDS, Gate
    from twin.lab.validate.progress import PrintedProgress
    from twin.lab.validate.selection import OPTIONS, checks, is_parameter, settings
    from twin.lab.validate.table import print_findings, rows
    from twin.lab.workers import Workers

    start = time.perf_counter()
    of_case = [a for a in arguments if is_parameter(a)] if any(a.startswith("case=") for a in arguments) else []
    positionals, options = split([a for a in arguments if a not in of_case], OPTIONS, "validate")
    if positionals:
        raise UserError(f"{positionals[0]}: validate takes case=NAME and key=value only")
    if "json" in options:
        writable("json", Path(options["json"]))
    try:
        numbers = settings(options)
        parameters = dict(a.split("=", 1) for a in of_case)
        chosen = checks(options.get("case"), parameters, precision=numbers["precision"], quick=numbers["quick"])
        with Workers(numbers["processes"]) as workers:
            gate = Gate(seed=numbers["seed"], most=numbers["replications"], workers=workers, progress=PrintedProgress())
            findings = gate.judge(chosen)
    except ValueError as error:  # a bad option, or numbers that the plant refuses
        raise UserError(str(error)) from None
    print_findings(findings, seconds=time.perf_counter() - start, cpu_seconds=sum(os.times()[:4]))
    write_rows(options.get("json"), rows(findings))
    if any(finding.verdict != HOLDS for finding in findings):
        raise SystemExit(1)
