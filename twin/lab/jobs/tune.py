"""tandem tune KEY=SPACE [KEY=SPACE ...] [key=value ...]

Search settings of a run (policy, surrogate, twin, ...) for the best mean of a figure over several seeds. Every trial
meets the same seeds (common random numbers) and is given up as soon as it is behind the best one (paired one-sided t
test, 10 %). The best is then run beside the settings that stand in conf/ on fresh seeds, which the search has not seen:
the printed gain is not the winner's luck. Needs the extra `opt`.

  tandem tune policy=condition_based surrogate=ewma 'policy.threshold=interval(1.2,3)'
  tandem tune surrogate=mlp 'surrogate.width=32,64,128' metric=crps.vibration.h6 direction=minimize days=10

  SPACE in Hydra's grammar of sweeps; a shell wants it quoted:
    interval(LOW,HIGH)            a real number           tag(log,interval(1e-4,1e-1))   one on a logarithmic scale
    int(interval(1,12))           a whole number          range(1,9,2)                   1, 3, 5, 7
    A,B,C                         one of these; a choice of a group too: policy=age_based,predictive
  key=value                       all trials have it, as in tandem run: scenario=... days=10 quick=true

  trials=20          in all; the first is what conf/ has, where it lies in the space
  seeds=4 first=1000 number of tuning seeds, and the first of them: none that policies are compared on
  fresh=10           number of fresh seeds for the gain, from first + 1000 on; 0 leaves it out
  metric=            a figure of kpis.json or scores.json (default: the objective's)
  direction=         maximize or minimize (default: as the objective has it; another metric needs it)
  prune=true         false: every trial runs all seeds
  seed=0             of the search. With one worker, the same command gives the same trials
  workers=1          processes
  storage=FILE.db    SQLite (default: runs/tune/<policy>_<hash>.db). The same command, or one with more trials, goes on
                     after Ctrl-C, a kill, or the end; a trial that was cut off is made again. Another space, objective,
                     seeds, setting or code is refused
  record=FILE.json   where the best settings are from: command, space, trials, tuning seeds, value; small, to be
                     committed (conf/tuned/NAME.json) beside the yaml that takes the settings over
  json=FILE          trials, and the gain

Settings by type of asset are searched like any; those that a yaml does not have need a +:
  tandem tune policy=condition_based surrogate=none policy.retune=false trials=200 seeds=8 \
    '+policy.thresholds.saw=interval(1.1,4)' '+policy.thresholds.mill=interval(1.1,4)' record=conf/tuned/thresholds.json
trials=200 seeds=8 is the budget of every baseline and reference in conf/tuned. surrogate=none costs least where the
policy asks for no forecast. Where a scenario says scored_from=, the figure is counted from that day on.
"""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

from twin.lab.arguments import quote_paths
from twin.lab.errors import UserError
from twin.lab.extras import how_to_install

REFUSED = ("out=", "resume=", "-m", "--multirun")  # tune leaves no runs


def main(arguments: Sequence[str]) -> None:
    """Search, then say what the best settings gain."""
    from twin.lab.configure.checks import writable
    from twin.lab.record.json_rows import write_rows
    from twin.lab.tune.options import OPTIONS, read_options

    options = dict(a.split("=", 1) for a in arguments if "=" in a and a.partition("=")[0] in OPTIONS)
    read = read_options(options)
    overrides = quote_paths([a for a in arguments if a.partition("=")[0] not in OPTIONS])
    for argument in overrides:
        if argument.startswith(REFUSED):
            raise UserError(f"{argument}: tune takes no such option; it leaves no runs, see tandem tune --help")
    try:
        import optuna  # noqa: F401
    except ImportError:
        raise UserError(f"tune needs Optuna, the extra 'opt': {how_to_install('opt')}") from None
    if "json" in options:
        writable("json", Path(options["json"]))
    from twin.lab.tune.search import search

    write_rows(options.get("json"), search(overrides, read))
