"""The section about decisions: what the policy ordered, for what reason, and what it came to in money."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from typing import Any

import pandas as pd

from twin.lab.draw.page import folded, table, text
from twin.lab.draw.words import counted, number
from twin.lab.record.loading import Run
from twin.lab.report.figures import FAILED, PLANNED, in_order, true_events

SHOWN, OPEN = 80, 8  # the last ones; of those, not folded away
DAY = 86_400.0


def order_keys(run: Run) -> list[str]:
    """Actuators that take work orders."""
    return [str(a["key"]) for a in run.run.get("actuators") or [] if a.get("kind") == "work_order"]


def ordered(run: Run) -> tuple[pd.DataFrame, pd.DataFrame]:
    """The decisions that are work orders, and the others."""
    which = run.decisions["actuator"].astype(str).isin(order_keys(run))
    return run.decisions[which], run.decisions[~which]


def section(run: Run, _: Mapping[str, float]) -> Iterator[str]:
    orders, others = ordered(run)
    yield from _decisions("work order", orders, _costs(run))
    yield from _decisions("other command", others, {})
    yield from _bill(run, orders)


def _costs(run: Run) -> dict[str, str]:
    """By actuator: what planned work and a failure cost, as text."""
    found = {}
    for order in run.run.get("orders") or []:
        planned, failed = (number(_cents(order[key])) for key in ("planned", "failure"))
        found[str(order["actuator"])] = f"{planned} / {failed}"
    return found


def _decisions(what: str, rows: pd.DataFrame, costs: Mapping[str, str]) -> Iterator[str]:
    """The last decisions with their reasons, most of them folded."""
    if rows.empty:
        return
    what += "s" * (len(rows) != 1)
    head, words, cells = _cells(rows.tail(SHOWN).iloc[::-1], costs)
    count = f"The last {min(len(rows), OPEN)} of {len(rows):,} {what}, latest first"
    yield table(count, head, cells[:OPEN], words)
    if rest := cells[OPEN:]:
        yield folded(f"{len(rest)} {what} before these", table(f"{what.capitalize()} before these", head, rest, words))
    if (hidden := len(rows) - len(cells)) > 0:
        yield text(
            f"{counted(hidden, 'earlier one')} of {len(rows):,} left out here: tables/decisions has all of them."
        )


def _cells(last: pd.DataFrame, costs: Mapping[str, str]) -> tuple[list[str], list[int], list[list[str]]]:
    """Heads, columns of words, rows. An order has no value but 1; its costs stand in place of it."""
    plain = bool((last["value"] == 1.0).all())
    middle = ["planned / failure"] if plain and costs else [] if plain else ["value"]
    cells = []
    for time, actuator, value, reason in zip(
        last["time"], last["actuator"].astype(str), last["value"], last["reason"].astype(str), strict=True
    ):
        shown = [costs.get(actuator, "-")] if middle == ["planned / failure"] else [number(value)] if middle else []
        cells.append([f"day {time / DAY:.2f}", actuator, *shown, reason])
    head = ["when", "actuator", *middle, "reason"]
    return head, [1, len(head) - 1], cells


def _bill(run: Run, orders: pd.DataFrame) -> Iterator[str]:
    """What planned work and failures came to, by asset."""
    known = {str(order["asset"]): order for order in run.run.get("orders") or []}
    events = true_events(run)
    happened = {kind: events[events["kind"] == kind]["asset"].astype(str).value_counts() for kind in (PLANNED, FAILED)}
    asked = orders["actuator"].astype(str).str.rpartition(".")[0].value_counts() if len(orders) else pd.Series()
    names = [name for name in in_order(run, list(known)) if any(int(c.get(name, 0)) for c in happened.values())]
    rows = [_bill_of(known[name], name, asked, happened) for name in names]
    if rows:
        unit = (run.run.get("objective") or {}).get("unit", "")
        yield text(f"What renewals came to, {unit}, standstill reckoned in as the plant's planners do.")
        head = ["asset", "ordered", "planned", "cost", "failures", "cost"]
        yield table("Renewals by asset", head, rows)


def _bill_of(order: Mapping[str, Any], name: str, asked: pd.Series, happened: Mapping[str, pd.Series]) -> list[str]:
    planned, failed = (int(happened[kind].get(name, 0)) for kind in (PLANNED, FAILED))
    costs = planned * float(order["planned"]), failed * float(order["failure"])
    counts: Sequence[int] = (int(asked.get(name, 0)), planned, failed)
    return [name, str(counts[0]), str(planned), number(_cents(costs[0])), str(failed), number(_cents(costs[1]))]


def _cents(value: float) -> float:
    return round(value, 2) if abs(value) < 100 else float(round(value))
