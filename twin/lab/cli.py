"""The command line: `tandem JOB [arguments] [key=value ...]`. Imports nothing heavy until a job needs it."""

from __future__ import annotations

import difflib
import importlib
import os
import re
import sys
from collections.abc import Callable, Sequence
from types import ModuleType

from twin import __version__
from twin.lab.errors import StorageError, UserError, cause, of_disk

COMPLETION = ("-sc", "--shell-completion")

JOBS = {
    "run": "one run of a plant and its twin; -m: a sweep, here or on a cluster; resume=, from=",
    "runs": "what runs there are: status, figures, wall time, size; filtered and sorted",
    "replay": "recorded telemetry through the same twin",
    "compare": "paired differences between runs",
    "tune": "search policy and surrogate settings, on other seeds than comparisons",
    "validate": "the plant against exact results and conservation laws",
    "bench": "how fast plant and surrogates are; how well surrogates rank what-ifs; what pairing by seed is worth",
    "check": "whether a plant, a policy or a surrogate, yours included, keeps to its contract",
    "report": "write a run's report.html again",
    "schema": "what a plant's yaml, a twin, a policy or a surrogate may hold, as JSON Schema or as a page",
    "list": "scenarios, plants, policies, surrogates, networks, with a line each",
}
USAGE = """usage: tandem JOB [arguments] [key=value ...]
       tandem JOB --help
       tandem --version

jobs:
{jobs}

  tandem run policy=predictive seed=3 days=10        any choice or number in conf/ can be given as key=value
  tandem run quick=true                              a look that takes seconds
  tandem run -m policy=age_based,predictive 'seed=range(5)' hydra/launcher=processes
                                                     a sweep; the same command goes on after Ctrl-C
  tandem runs status=failed                          which runs failed, and why
  tandem run -m experiment=policies                  the runs of a named study; tandem compare experiment=policies
  tandem JOB --help                                  what a job takes
  eval "$(tandem --shell-completion install=bash)"   completion (zsh and fish too)

every job takes json=FILE and writes the figures that it prints there
exit code: 0 done, 1 it failed, 2 it was asked for wrongly, 130 after Ctrl-C
"""


def usage() -> str:
    """The general help."""
    return USAGE.format(jobs="\n".join(f"  {name:9s} {what}" for name, what in JOBS.items()))


def main(arguments: Sequence[str] | None = None) -> None:
    """Run a job and exit: 0 done, 1 it failed, 2 it was asked for wrongly, 130 interrupted."""
    arguments = list(sys.argv[1:] if arguments is None else arguments)
    if not arguments or arguments[0] in ("-h", "--help", "help"):
        print(usage(), end="")
        raise SystemExit(0 if arguments else 2)
    if arguments[0] in ("-V", "--version"):
        print(f"tandem {__version__}")
        return
    try:
        if any(flag in arguments for flag in COMPLETION):
            importlib.import_module("twin.lab.configure.completion").complete(arguments, JOBS)
        else:
            _run_job(arguments[0], arguments[1:])
        sys.stdout.flush()
    except KeyboardInterrupt as asked:
        if sys.stderr.isatty():
            print(file=sys.stderr)  # a terminal has written ^C
        _stop(str(asked) or "interrupted", 130)
    except UserError as error:
        _stop(str(error), 2)
    except StorageError as error:
        _stop(str(error), 1)
    except RuntimeError as error:
        from sim.contract import StandstillError

        if not isinstance(error, StandstillError):
            raise
        _stop(str(error), 2)
    except BrokenPipeError:
        _leave_output()
        raise SystemExit(1) from None
    except OSError as error:
        if not of_disk(error):
            raise
        if error.filename is None:
            _leave_output()
        _stop(f"{error.filename or 'output'}: cannot be written: {cause(error)}", 1)


def _leave_output() -> None:
    """Drop what standard output does not take: Python would complain of it once more at its end."""
    os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())


def _run_job(job: str, arguments: Sequence[str]) -> None:
    if job not in JOBS:
        close = difflib.get_close_matches(job, JOBS, 1)
        hint = f"did you mean {close[0]}? " if close else ""
        raise UserError(f"{job!r} is not a job; {hint}jobs are {', '.join(JOBS)}")
    module = importlib.import_module(f"twin.lab.jobs.{job}")
    if "-h" in arguments or "--help" in arguments:
        print(_help(module, arguments))
    else:
        module.main(arguments)


def _help(module: ModuleType, arguments: Sequence[str]) -> str:
    """A job's help: its module's docstring, or what the module's help_text returns for the arguments."""
    help_text: Callable[[Sequence[str]], str] | None = getattr(module, "help_text", None)
    return str(module.__doc__).strip() if help_text is None else help_text(arguments)


def _stop(message: str, code: int) -> None:
    line = re.sub(r"[\x00-\x1f\x7f-\x9f]", lambda control: repr(control[0])[1:-1], " ".join(message.split()))
    print(f"tandem: {line}", file=sys.stderr)
    raise SystemExit(code)


if __name__ == "__main__":
    main()
