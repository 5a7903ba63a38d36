"""What a comparison tells, on the terminal and in a directory of files."""

from __future__ import annotations

import csv
import io
import json
import re
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path
from typing import Any
from xml.etree import ElementTree

import pytest
from matplotlib.backends.backend_agg import FigureCanvasAgg
from matplotlib.figure import Figure

from tests.lab.compare.compared import arms, make_arm
from twin.lab.compare import comparison
from twin.lab.compare import files as comparison_files
from twin.lab.compare.comparison import Comparison
from twin.lab.compare.figures import charts, front
from twin.lab.compare.look import DASHES, MARKERS, chart_name
from twin.lab.compare.tables import grids, notes
from twin.lab.compare.terms import Terms
from twin.lab.compare.time_figure import courses
from twin.lab.draw.chart import Chart, Ink
from twin.lab.draw.style import CYCLE

METRICS = ["profit_per_hour", "maintenance_corrective"]
Files = dict[str, bytes]
PNG = b"\x89PNG\r\n\x1a\n"


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    runs = tmp_path_factory.mktemp("runs")
    for name, profit, failures in (("lazy", 20.0, 0.05), ("wise", 130.0, 0.006), ("seer", 140.0, 0.003)):
        make_arm(runs, name, profit=profit, failures=failures, seeds=6)
    return runs


@pytest.fixture(scope="module")
def found(folder: Path) -> Comparison:
    return comparison.carry_out(arms(folder), Terms(METRICS, ["lazy"]))


@pytest.fixture(scope="module")
def files(found: Comparison) -> Files:
    return comparison_files.contents(found)


@pytest.fixture
def drawn(monkeypatch: pytest.MonkeyPatch) -> None:
    """One drawing instead of seven: where it is about files."""
    monkeypatch.setattr(comparison_files, "charts", lambda comparison: charts(comparison)[:1])


def test_tables_tell_the_best_first_and_each_difference(found: Comparison) -> None:
    (first, (reached, gained)), (_, (failures, _)) = grids(found)
    assert [row[0] for row in reached.rows] == ["seer", "wise", "lazy"]
    assert reached.caption == "profit_per_hour, more is better"
    assert failures.caption == "maintenance_corrective, less is better"
    assert failures.rows[-1][0] == "lazy"
    assert reached.head[-1] == "P(best)"
    assert gained.head == ["arm", "difference", "t interval", "BCa interval", "p (Holm)", "Wilcoxon p", "effect"]
    assert [row[0] for row in gained.rows] == ["seer", "wise"]
    assert first.metric == "profit_per_hour"


def test_baselines_stand_in_the_order_given(folder: Path) -> None:
    told = comparison.carry_out(arms(folder), Terms(["profit_per_hour"], ["seer", "lazy"]))
    (_, (_, *gained)) = grids(told)[0]
    assert [grid.caption for grid in gained] == ["profit_per_hour, minus seer", "profit_per_hour, minus lazy"]
    assert [row[0] for row in gained[1].rows] == ["wise"]


def test_notes_say_what_holds_for_all(found: Comparison) -> None:
    told = " ".join(notes(found))
    assert "Warm-up: whole runs from their first day" in told
    assert "adjusted by Holm over the 2 differences of a metric" in told
    assert "paired by seed" in told
    assert "signed-rank test can fall" not in told


def test_a_few_seeds_are_warned_of(tmp_path: Path) -> None:
    for name in ("lazy", "wise"):
        make_arm(tmp_path, name, seeds=3)
    told = " ".join(notes(comparison.carry_out(arms(tmp_path), Terms(["profit_per_hour"], ["lazy"]))))
    assert "With 3 seeds the bootstrap sees too little: its 95 % intervals cover about 75 %" in told
    assert "With 3 seeds no signed-rank test can fall below p = 0.25" in told


def test_one_seed_gives_means_and_figures_without_intervals(tmp_path: Path) -> None:
    for name in ("lazy", "wise"):
        make_arm(tmp_path, name, seeds=1)
    told = comparison.carry_out(arms(tmp_path), Terms(METRICS, ["lazy"]))
    ((_, (grid,)), _) = grids(told)
    assert [row[2] for row in grid.rows] == ["-", "-"]
    assert grid.notes == ["An interval needs at least two seeds of every arm."]
    names = {name for name in comparison_files.contents(told) if name.endswith(".png")}
    assert {re.sub(r"_.*", "", Path(name).name) for name in names} == {"paired", "time", "pareto"}


def test_everything_is_there_and_the_same_runs_give_the_same_bytes(found: Comparison, files: Files) -> None:
    figures = {f"figures/{what}_{metric}" for what in ("paired", "forest", "time") for metric in METRICS}
    figures |= {"figures/pareto_profit_per_hour_maintenance_corrective"}
    assert files.keys() == {*comparison_files.TEXTS, *(f"{f}.{form}" for f in figures for form in ("svg", "png"))}
    for chart in charts(found)[1:3]:
        assert chart.svg() == files[f"figures/{chart.name}.svg"]
        assert chart.png() == files[f"figures/{chart.name}.png"]
        assert chart.inline() in files["comparison.html"].decode()


def test_what_is_written_is_what_there_is(found: Comparison, files: Files, tmp_path: Path, drawn: None) -> None:
    page = comparison_files.write(found, tmp_path / "out")
    assert page == tmp_path / "out" / "comparison.html"
    for name in ("comparison.tex", "comparison.csv", "values.csv"):
        assert (tmp_path / "out" / name).read_bytes() == files[name]
    assert (tmp_path / "out" / "figures").is_dir()
    assert [p.name for p in tmp_path.iterdir()] == ["out"]


def test_drawings_are_whole_and_carry_no_date(found: Comparison, files: Files) -> None:
    for chart in charts(found):
        svg, png = (files[f"figures/{chart.name}.{form}"] for form in ("svg", "png"))
        assert ElementTree.fromstring(svg).tag.endswith("svg")
        assert b"<dc:date>" not in svg
        assert png.startswith(PNG)
        assert int.from_bytes(png[16:20], "big") == 1800


def test_nothing_drawn_is_clipped(found: Comparison) -> None:
    """Every label lies within the figure, also those of long names."""
    long = {f"{name}_with_a_name_that_is_rather_long": own for name, own in found.arms.items()}
    told = comparison.carry_out(long, Terms(METRICS, [next(iter(long))]))
    for chart in charts(told):
        figure = _as_drawn(chart)
        canvas = FigureCanvasAgg(figure)
        canvas.draw()
        within = figure.bbox.padded(1.0)
        for text in _texts(figure):
            box = text.get_window_extent(canvas.get_renderer())  # type: ignore[no-untyped-call]
            inside = within.x0 <= box.x0 and box.x1 <= within.x1 and within.y0 <= box.y0 and box.y1 <= within.y1
            assert inside, f"{chart.name}: {text.get_text()}"


def _as_drawn(chart: Chart) -> Figure:
    caught: list[Figure] = []

    def paint(figure: Figure, ink: Ink) -> None:
        caught.append(figure)
        chart.paint(figure, ink)

    replace(chart, paint=paint).png()
    return caught[0]


def _texts(figure: Any) -> Iterator[Any]:
    """All that is written on a figure, tick labels beyond their axis' limits left out: they are not drawn."""
    for legend in figure.legends:
        yield from legend.get_texts()
    for ax in figure.axes:
        yield from (text for text in (*ax.texts, ax.title, ax.xaxis.label, ax.yaxis.label) if text.get_text())
        for axis, (low, high) in ((ax.xaxis, sorted(ax.get_xlim())), (ax.yaxis, sorted(ax.get_ylim()))):
            ticks = zip(axis.get_majorticklocs(), axis.get_majorticklabels(), strict=True)
            yield from (label for place, label in ticks if low <= place <= high and label.get_text())


def test_arms_are_told_apart_without_colour_too() -> None:
    looks = [(MARKERS[i % len(MARKERS)], CYCLE[i % len(CYCLE)], DASHES[i % len(DASHES)]) for i in range(12)]
    assert len({marker for marker, _, _ in looks[:11]}) == 11
    assert len({(colour, dash) for _, colour, dash in looks}) == 12


def test_the_page_needs_nothing_but_itself(found: Comparison, files: Files) -> None:
    page = files["comparison.html"].decode().replace('<link rel="icon" href="data:,">', "")  # asks for no icon
    assert not re.findall(r"<(?:script|link|img|iframe)\b|@import|url\((?!#)", page)
    assert set(re.findall(r"https?://[^\"' <]+", page)) <= {
        "http://www.w3.org/2000/svg",
        "http://www.w3.org/1999/xlink",
    }
    assert page.count("<figure>") == len(charts(found)) == 7
    assert page.count("<table>") == 4
    assert "prefers-color-scheme: dark" in page
    assert "var(--ink)" in page
    for note in notes(found):
        assert note.split(",")[0].replace("'", "&#x27;") in page


def test_csv_holds_every_run_and_every_row(found: Comparison, files: Files) -> None:
    texts = files
    runs = list(csv.DictReader(io.StringIO(texts["values.csv"].decode())))
    assert len(runs) == 2 * 3 * 6
    for row in runs:
        kpis = json.loads((Path(row["run"]) / "kpis.json").read_text())
        assert float(row["value"]) == kpis[row["metric"]]
    rows = list(csv.DictReader(io.StringIO(texts["comparison.csv"].decode())))
    first = found.results[0].differences[0]
    assert float(rows[0]["difference"]) == first["difference"]
    assert [row["policy"] for row in rows if row["metric"] == "profit_per_hour" and not row["baseline"]] == list(
        found.arms
    )


def test_a_comparison_is_replaced_and_nothing_else_is(found: Comparison, tmp_path: Path, drawn: None) -> None:
    out = tmp_path / "out"
    comparison_files.write(found, out)
    (out / "figures" / "stale.svg").write_text("")
    (tmp_path / ".out.123").mkdir()  # of a writer that was killed
    comparison_files.write(found, out)
    assert not (out / "figures" / "stale.svg").exists()
    assert [p.name for p in tmp_path.iterdir()] == ["out"]
    (out / "thesis.tex").write_text("mine")
    with pytest.raises(ValueError, match=r"out: holds thesis.tex, which is no part of a comparison"):
        comparison_files.write(found, out)
    assert (out / "thesis.tex").read_text() == "mine"


def test_what_fails_halfway_leaves_what_was_there(
    found: Comparison, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, drawn: None
) -> None:
    out = tmp_path / "out"
    comparison_files.write(found, out)
    before = {p: p.read_bytes() for p in out.rglob("*") if p.is_file()}
    renamed = comparison_files.os.replace

    def fail(source: Path, target: Path) -> None:
        if target == out and not source.name.endswith(".old"):
            raise OSError("disk full")
        renamed(source, target)

    monkeypatch.setattr(comparison_files.os, "replace", fail)
    with pytest.raises(OSError, match="disk full"):
        comparison_files.write(found, out)
    assert {p: p.read_bytes() for p in out.rglob("*") if p.is_file()} == before
    assert [p.name for p in tmp_path.iterdir()] == ["out"]


def test_the_front_is_of_those_that_none_beats_in_both() -> None:
    points = {"a": (1.0, 9.0), "b": (5.0, 5.0), "c": (4.0, 4.0), "d": (9.0, 1.0), "twin": (9.0, 1.0), "e": (9.0, 0.0)}
    assert front(points) == ["a", "b", "d", "twin"]


def test_courses_end_at_the_figures_compared(found: Comparison) -> None:
    curves = courses(found, found.results[0])
    for arm, (time, values) in curves.items():
        assert time[-1] == 144 * 600.0
        assert list(values[:, -1]) == pytest.approx([found.results[0].values[arm][seed] for seed in range(6)])
    told = comparison.carry_out(found.arms, Terms(["quality"], ["lazy"]))
    assert courses(told, told.results[0]) == {}, "of a figure that is neither average nor total there is no course"
    assert {chart.name for chart in charts(told)} == {"paired_quality", "forest_quality"}


def test_reference_and_ideal_do_not_compete(folder: Path) -> None:
    told = comparison.carry_out(arms(folder), Terms(["profit_per_hour"], ["lazy"], reference="wise", ideal="seer"))
    (_, (_, lost, _)) = grids(told)[0]
    assert lost.head == ["arm", "J", "excess", "95 % interval", "minus wise", "95 % interval"]
    assert told.results[0].chances == {}, "lazy alone competes"
    with pytest.raises(ValueError, match="ideal = heaven: there is no such arm"):
        comparison.carry_out(arms(folder), Terms(["profit_per_hour"], ["lazy"], reference="wise", ideal="heaven"))


def test_figures_have_the_names_of_the_metrics_made_safe() -> None:
    assert chart_name("paired", "mae.vibration.h6") == "paired_mae-vibration-h6"
