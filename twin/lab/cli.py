"""The command line: `tandem JOB [arguments] [key=value ...]`. Imports nothing heavy until a job needs it."""

from __future__ import annotations

import difflib
import importlib
import os
import sys
from collections.abc import Sequence

JOBS = {
    "run": "one run of a plant and its twin (-m sweeps over choices)",
    "replay": "recorded telemetry through the same twin",
    "compare": "paired differences between runs",
    "report": "write a run's report.html again",
    "list": "scenarios, plants, policies, surrogates, networks, with a line each",
}
USAGE = """usage: tandem JOB [arguments] [key=value ...]

jobs:
{jobs}

  tandem run policy=predictive seed=3 days=10        any choice or number in conf/ can be given as key=value
  tandem run -m policy=age_based,predictive 'seed=range(5)'
  tandem run quick=true                              a look that takes seconds
  tandem JOB --help                                  what a job takes
  every job takes json=FILE and writes the figures that it prints there
"""
# Values that are paths: Hydra's grammar trips over '=', brackets and blanks in them, so they are quoted.
PATH_KEYS = ("out", "json", "data", "runs")


class UserError(Exception):
    """A mistake in what was asked for; its message is one clear line."""


def usage() -> str:
    """The general help."""
    return USAGE.format(jobs="\n".join(f"  {name:9s} {what}" for name, what in JOBS.items()))


def quote_paths(arguments: Sequence[str]) -> list[str]:
    """`out=a b` becomes `out='a b'` as Hydra wants it."""
    result = []
    for argument in arguments:
        key, mark, value = argument.partition("=")
        if mark and key in PATH_KEYS and value and value != "null" and value[0] not in "'\"":
            value = "'" + value.replace("\\", "\\\\").replace("'", "\\'") + "'"
            argument = f"{key}={value}"
        result.append(argument)
    return result


def main(arguments: Sequence[str] | None = None) -> None:
    """Run a job and exit: 0 done, 1 it failed, 2 it was asked for wrongly, 130 interrupted."""
    arguments = list(sys.argv[1:] if arguments is None else arguments)
    if not arguments or arguments[0] in ("-h", "--help", "help"):
        print(usage(), end="")
        raise SystemExit(0 if arguments else 2)
    job, rest = arguments[0], arguments[1:]
    if job not in JOBS:
        close = difflib.get_close_matches(job, JOBS, 1)
        hint = f"did you mean {close[0]}? " if close else ""
        _stop(f"{job!r} is not a job; {hint}jobs are {', '.join(JOBS)}", 2)
    os.environ.setdefault("HYDRA_FULL_ERROR", "0")
    module = importlib.import_module(f"twin.lab.jobs.{job}")
    if rest and rest[0] in ("-h", "--help"):
        print(module.__doc__)
        raise SystemExit(0)
    try:
        module.main(rest)
    except KeyboardInterrupt:
        _stop("interrupted", 130)
    except UserError as error:
        _stop(str(error), 2)
    except BrokenPipeError:
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
        raise SystemExit(1) from None


def _stop(message: str, code: int) -> None:
    print(f"tandem: {' '.join(message.split())}", file=sys.stderr)
    raise SystemExit(code)


if __name__ == "__main__":
    main()
