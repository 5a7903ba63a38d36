"""What a validation prints, and the same figures as rows."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from rich.console import Console
from rich.text import Text

from twin.lab.validate.gate import HOLDS, Finding
from twin.lab.validate.parameters import written

WIDTHS = (44, 12, 12, 25, 9, 6)  # of the columns before the verdict
HEAD = ("case, figure", "reference", "mean", "99 % interval", "+/-", "runs", "verdict")


def print_findings(findings: Sequence[Finding], *, seconds: float, cpu_seconds: float) -> None:
    """A line for each figure under its case and parameters; what was repeated, and the sum of it.

    seconds, cpu_seconds: what it took, the latter of all processes.
    """
    console = Console(width=None if Console().is_terminal else 120, highlight=False)
    console.print(Text(_line(HEAD), style="bold"), soft_wrap=True)
    title = ""
    for finding in findings:
        check = finding.check
        if title != (title := f"{check.case} {written(check.parameters)}".strip()):
            console.print(Text(title, style="bold"), soft_wrap=True)
        line = Text(_line(_cells(finding)))
        line.append(finding.verdict + ("*" if finding.first else ""), "green" if finding.verdict == HOLDS else "red")
        console.print(line, soft_wrap=True)
    for remark in remarks(findings):
        console.print(remark, soft_wrap=True)
    console.print(f"in {seconds:.0f} s, {cpu_seconds:.0f} CPU-seconds")


def _line(cells: Sequence[str]) -> str:
    """The first to the left, the next to the right, and two blanks before the verdict."""
    padded = [cells[0].ljust(WIDTHS[0])] + [c.rjust(w) for c, w in zip(cells[1:], WIDTHS[1:], strict=False)]
    return "".join(padded) + "  " + "".join(cells[len(WIDTHS) :])


def _cells(finding: Finding) -> list[str]:
    target, title = finding.target, finding.check.title
    figure = f"  {target.figure}{', ' + title if title else ''}"
    return [figure, _number(target.reference), _number(finding.mean), *_width(finding), f"{len(finding.values):,}"]


def _number(value: float) -> str:
    return f"{value:,.6g}"


def _width(finding: Finding) -> tuple[str, str]:
    """The interval, and its half-width as a share of the reference; or what is tolerated."""
    reference, tolerance = finding.target.reference, finding.target.tolerance
    if tolerance is not None:
        return "exact" if tolerance == 0 else "within", f"{100 * tolerance:.2g} %"
    low, high = finding.mean - finding.half_width, finding.mean + finding.half_width
    return f"{low:,.6g} … {high:,.6g}", f"{100 * finding.half_width / abs(reference):.2f} %"


def remarks(findings: Sequence[Finding]) -> list[str]:
    """What was left out, what was repeated, how many held."""
    lines = [f"{note}." for note in dict.fromkeys(f"{f.check.case}: {f.check.note}" for f in findings if f.check.note)]
    repeated = [f for f in findings if f.first is not None]
    for finding in repeated:
        first = finding.first
        assert first is not None
        low, high = first.mean - first.half_width, first.mean + first.half_width
        lines.append(
            f"* {finding.check.case}, {finding.target.figure}: missed at first ({low:,.6g} … {high:,.6g}); "
            "this is its repeat with fresh seeds."
        )
    random = sum(f.target.tolerance is None for f in findings)
    lines.append(
        "A 99 % interval misses a true figure once in a hundred times: what misses is simulated once more with fresh "
        f"seeds, and fails when it misses again ({random / 100:.2g} of {random} are to be expected, repeated: "
        f"{len(repeated)})."
    )
    good = sum(f.verdict == HOLDS for f in findings)
    failed = f", {len(findings) - good} FAILED" if good < len(findings) else ""
    lines.append(f"{good} of {len(findings)} figures hold{failed}")
    return lines


def rows(findings: Sequence[Finding]) -> list[dict[str, Any]]:
    """case, parameters, title, figure, reference, mean, low, high, tolerance, replications, verdict, repeated."""
    return [
        {
            "case": f.check.case,
            "parameters": {name: list(v) if isinstance(v, tuple) else v for name, v in f.check.parameters.items()},
            "title": f.check.title,
            "figure": f.target.figure,
            "reference": f.target.reference,
            "mean": f.mean,
            "low": f.mean - f.half_width,
            "high": f.mean + f.half_width,
            "tolerance": f.target.tolerance,
            "replications": len(f.values),
            "verdict": f.verdict.lower(),
            "repeated": f.first is not None,
        }
        for f in findings
    ]
