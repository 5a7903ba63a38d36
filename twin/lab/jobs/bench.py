"""tandem bench KIND [RUN ...] [key=value ...]

How fast plant and surrogates are, how well surrogates rank what-ifs, and what pairing by seed is worth. Each kind takes
json=FILE, into which it writes the figures that it prints. `tandem bench KIND --help` prints the help of one kind.
"""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

from twin.lab.arguments import split
from twin.lab.bench.kinds import KINDS, bench_kind, kind_help
from twin.lab.errors import UserError


def help_text(arguments: Sequence[str]) -> str:
    """The help of the kind that is named, or of all kinds."""
    named = [kind for kind in KINDS if kind in arguments[:1]]
    helps = [kind_help(kind) for kind in named or KINDS]
    return "\n\n\n".join(helps if named else [str(__doc__).strip(), *helps])


def main(arguments: Sequence[str]) -> None:
    """Measure, print and write."""
    name = arguments[0] if arguments else ""
    if name not in KINDS:
        raise UserError(f"{name!r}: there is no such bench; there are {', '.join(KINDS)}")
    kind = bench_kind(name)
    runs, options = split(arguments[1:], kind.options, f"bench {name}")
    if runs and not kind.takes_runs:
        raise UserError(f"{runs[0]!r}: options are given as key=value; options are {', '.join(kind.options)}")
    from twin.lab.configure.checks import writable
    from twin.lab.record.json_rows import write_rows

    if "json" in options:
        writable("json", Path(options["json"]))
    write_rows(options.get("json"), kind.measure(options, *runs))
