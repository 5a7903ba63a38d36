"""What stands first: whether the twin was worth it, what limits the plant, what comes next."""

from __future__ import annotations

import math
from collections.abc import Iterator, Mapping, Sequence
from html import escape
from typing import Any

from twin.lab.draw.page import folded, table, text
from twin.lab.draw.plot_panel import limits
from twin.lab.draw.words import number, percent, signed
from twin.lab.record.loading import Run
from twin.lab.record.outlook_file import read_outlook
from twin.lab.record.run_directory import VERDICT, read_json

Found = Mapping[str, Any]
OTHERS = ("reference", "ideal")


def verdict(run: Run) -> str:
    """The verdict's sentences, and the earnings on one scale; nothing where the run has none."""
    found = _verdict_of(run)
    words = [str(line) for line in found.get("words") or []]
    if not words:
        return ""
    first, *others = words
    tone = _tone(found)
    command = found.get("command")
    how = f'<p class="how"><code>{escape(str(command))}</code> (in the run\'s directory)</p>' if command else ""
    body = f'<p class="first">{escape(first)}</p>{"".join(map(text, others))}{how}{_scale(found)}'
    return f'<section class="verdict {tone}" aria-label="Verdict">{body}</section>'


def _verdict_of(run: Run) -> Found:
    """verdict.json as it is, without the run's path, so that runs repeated elsewhere have the same page; else empty."""
    try:
        return read_json(run.path / VERDICT)
    except (OSError, ValueError):
        return {}


def _tone(found: Found) -> str:
    """Whether the twin won, lost, or neither: luck alone may explain what is within its half-width."""
    difference, sense, half = found.get("difference"), found.get("sense", 1), found.get("half_width")
    if not isinstance(difference, int | float) or abs(difference) <= (half if isinstance(half, int | float) else 0):
        return "even"
    return "won" if difference * sense > 0 else "lost"


def _scale(found: Found) -> str:
    """What each earned or cost, as marks on one line."""
    marks = [("practice", found.get("practice")), *((name, found.get(name)) for name in OTHERS)]
    values = [(f"{name}: {one.get('name')}", one.get("value")) for name, one in marks if isinstance(one, Mapping)]
    values = [("the twin", found.get("twin")), *values]
    known = [(name, float(value)) for name, value in values if isinstance(value, int | float) and math.isfinite(value)]
    if len(known) < 2:
        return ""
    low, high = limits([value for _, value in known], 0, zero=True)
    unit = str(found.get("unit") or "")
    rows = "".join(
        f'<li class="{"own" if not place else ""}"><span>{escape(name)}</span>'
        f'<i style="--at:{100 * (value - low) / (high - low):.1f}%"></i><b>{number(value)} {escape(unit)}</b></li>'
        for place, (name, value) in enumerate(known)
    )
    return f'<ul class="scale">{rows}</ul>'


def outlook(run: Run) -> str:
    """The bottleneck and what relieving it is worth, and the next action; nothing where the run tells neither."""
    found = read_outlook(run.path)
    boxes = [*_bottleneck(found), *_next(found)]
    return f'<div class="outlook">{"".join(boxes)}</div>' if boxes else ""


def _bottleneck(found: Found) -> Iterator[str]:
    limit = found.get("bottleneck")
    if not limit:
        return
    told = "".join(text(str(line).removeprefix("Bottleneck: ")) for line in limit.get("words") or [])
    yield f"<section><h2>Bottleneck: {escape(str(limit['name']))}</h2>{told}{_candidates(found)}</section>"


def _candidates(found: Found) -> str:
    """Share and relief of every place that may limit the plant."""
    rows = [_candidate(one) for one in found.get("candidates") or []]
    if len(rows) < 2:
        return ""
    return folded("what else was tried", table("What may limit the plant", ["where", "share", "relief"], rows))


def _candidate(one: Found) -> list[str]:
    gain = one.get("relief")
    told = "-"
    if gain:
        half = (gain["high"] - gain["low"]) / 2
        value, low, high = (signed(gain[key], half) for key in ("value", "low", "high"))
        told = f"{value} ({low} … {high}) {gain['unit']}"
    return [str(one["name"]), percent(one["share"]), told]


def _next(found: Found) -> Iterator[str]:
    steps: Sequence[Found] = found.get("next") or []
    if not steps:
        return
    given = bool(steps[0].get("given"))
    head = "Commands given last" if given else f"Next: {steps[0]['asset']}"
    first, *others = (str(step["words"]) for step in steps)
    rest = "".join(f"<li>{escape(one)}</li>" for one in others)
    then = "" if given else "<p>Then, as things stand:</p>"
    yield f"<section><h2>{escape(head)}</h2>{text(first)}{f'{then}<ul>{rest}</ul>' if others else ''}</section>"
