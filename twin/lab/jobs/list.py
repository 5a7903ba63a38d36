"""tandem list [group ...] [json=FILE]

What there is to choose from, with a line each; policies by what a plant must have for them.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from twin.lab.configure.choices import describe, fits, groups
from twin.lab.errors import UserError

SHOWN = ("scenario", "plant", "network", "surrogate", "policy", "experiment", "dataset", "device")


def main(arguments: Sequence[str]) -> None:
    """Print the groups and their choices."""
    wanted = [a for a in arguments if "=" not in a]
    for name in wanted:
        if name not in SHOWN:
            raise UserError(f"{name!r} is not a group; groups are {', '.join(SHOWN)}")
    rows = [
        {"group": group, "name": choice, "description": describe(group, choice), "fits": fits(group, choice)}
        for group, names in groups().items()
        if group in (wanted or SHOWN)
        for choice in names
    ]
    for group in (g for g in SHOWN if any(row["group"] == g for row in rows)):
        print(group)
        _print([row for row in rows if row["group"] == group], max(len(row["name"]) for row in rows))
    for argument in arguments:
        key, _, value = argument.partition("=")
        if key == "json":
            from twin.lab.record.json_rows import write_rows

            write_rows(value, rows)


def _print(rows: Sequence[Mapping[str, str]], width: int) -> None:
    """The choices of a group, under what they fit where their yaml says so."""
    for need in dict.fromkeys(row["fits"] for row in rows):
        if need:
            print(f"  for {need}:")
        for row in (row for row in rows if row["fits"] == need):
            print(f"{'    ' if need else '  '}{row['name']:{width}s}  {row['description']}")
