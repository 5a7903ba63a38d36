import re
import time
from html.parser import HTMLParser
from pathlib import Path
from xml.etree import ElementTree

import pytest

from tests.lab.runs import ASSETS, ROWS, make_run
from twin.lab.core.scores import scores
from twin.lab.record.loading import load
from twin.lab.report import calibration_section as reliability
from twin.lab.report import figures
from twin.lab.report import forecast_bands as bands
from twin.lab.report import hazard_section as risks
from twin.lab.report.report import report, write_report

VOID = {"meta", "br", "link"}
SECTIONS = {
    "readings": "The plant",
    "forecasts": "Sensors and forecasts",
    "hazards": "Hazards",
    "decisions": "Decisions",
    "losses": "Learning",
}


class Tags(HTMLParser):
    """Checks that what is opened is closed, and keeps what the page refers to and says."""

    def __init__(self) -> None:
        super().__init__()
        self.open: list[str] = []
        self.links: list[str] = []
        self.words: list[str] = []

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.links += [value or "" for name, value in attrs if name in ("href", "src", "xlink:href", "style")]
        if tag not in VOID:
            self.open.append(tag)

    def handle_endtag(self, tag: str) -> None:
        assert self.open.pop() == tag

    def handle_data(self, data: str) -> None:
        self.words.append(data)


def read(path: Path) -> Tags:
    tags = Tags()
    tags.feed(path.read_text(encoding="utf-8"))
    tags.close()
    assert tags.open == []
    return tags


def test_a_run_gets_one_page_that_needs_nothing_else(tmp_path: Path) -> None:
    written = write_report(make_run(tmp_path / "run"))
    assert written == tmp_path / "run/report.html"
    tags = read(written)
    assert all(link.startswith("#") for link in tags.links if ":" not in link)
    assert not [link for link in tags.links if "url(" in link and "url(#" not in link]
    text = written.read_text(encoding="utf-8")
    assert re.findall(r"<script[^>]*>", text) == ["<script>"], "its own, and nothing from elsewhere"
    assert "<img" not in text
    assert set(re.findall(r"https?://[^\s\"'<]+", text)) <= {
        "http://www.w3.org/2000/svg",
        "http://www.w3.org/1999/xlink",
    }
    links = re.findall(r'href="#([a-z-]+)">', text)
    assert len(links) > 5
    for link in links:
        assert f'<section id="{link}" aria-labelledby="h-{link}">' in text
    for said in (
        "profit per hour",
        "100.5",
        "prefers-color-scheme",
        'name="viewport"',
        "risk 9 % &amp; &lt;rising&gt;",
    ):
        assert said in text


def test_the_same_tables_give_the_same_page(tmp_path: Path) -> None:
    first, second = (write_report(make_run(tmp_path / name / "run")).read_bytes() for name in "ab")
    assert first == second


def test_every_figure_is_well_formed_and_takes_its_colours_from_the_page(tmp_path: Path) -> None:
    run = load(make_run(tmp_path / "run"))
    made = run.forecasts[run.forecasts["horizon"] == 6]
    drawn = [
        figures.states(run, ASSETS),
        figures.objective(run),
        bands.bands(run, made, "saw"),
        risks.risks(run, ASSETS, 36),
        figures.learning(run),
        reliability.forecasts(run),
        reliability.hazards(run, {}),
    ]
    for html in drawn:
        root = ElementTree.fromstring(html)
        pictures = [part for part in root.iter() if part.get("role") == "img"]
        assert pictures
        assert all(part.get("aria-label") for part in pictures)
        assert "#" not in html, "a colour of its own"
        assert "style=" not in re.sub(r'style="(left|bottom|top):[^"]*"', "", html)
        assert not re.search(r"\bnan\b", html)


def test_tables_have_captions_and_headings(tmp_path: Path) -> None:
    text = write_report(make_run(tmp_path / "run")).read_text(encoding="utf-8")
    tables = re.findall(r"<table>.*?</table>", text, flags=re.DOTALL)
    assert tables
    for table in tables:
        assert re.match(r"<table><caption>[^<]+</caption><thead>", table)
        assert table.count('scope="row"') == table.count("<tr>") - 1


def test_cards_tell_an_interval_and_say_what_it_is(tmp_path: Path) -> None:
    run = load(make_run(tmp_path / "run", kpis={"profit_per_hour": 100.5, "oee": 0.8}))
    text = report(run, {})
    assert "<b>0.8</b><span>OEE</span><small>± 0.00</small>" in text
    assert "95 % Student interval of the mean of ten equal parts of the run (7.2 h each)" in text
    assert "±" not in report(load(make_run(tmp_path / "short", ticks=20)), {})


def test_most_is_folded_and_nothing_grows_with_the_number_of_assets(tmp_path: Path) -> None:
    names = tuple(f"detector_{i}" for i in range(60))
    text = write_report(make_run(tmp_path / "run", ticks=150, assets=names)).read_text(encoding="utf-8")
    assert "44 more assets are left out here" in text
    assert len(text) < 2_000_000


@pytest.mark.parametrize("left_out", list(ROWS))
def test_a_table_without_rows_only_leaves_out_its_section(tmp_path: Path, left_out: str) -> None:
    run = load(make_run(tmp_path / "run", tables=[table for table in ROWS if table != left_out], ticks=150))
    text = report(run, scores(run))
    for table, section in SECTIONS.items():
        alone = table != "readings"  # the plant's states stay
        assert (f">{section}</h2>" in text) == (table != left_out or not alone)


@pytest.mark.parametrize("ticks", [0, 1, 2, 40])
def test_a_run_that_was_cut_short_gets_the_page_of_what_there_is(tmp_path: Path, ticks: int) -> None:
    run = make_run(tmp_path / "run", ticks=ticks, horizon=86_400.0 * 30, status="interrupted")
    tags = read(write_report(run))
    assert "interrupted: why" in tags.words


def test_a_run_that_was_killed_has_no_figures_but_a_page(tmp_path: Path) -> None:
    run = make_run(tmp_path / "run", ticks=30, close=False)
    words = " ".join(read(write_report(run)).words)
    assert "not finished" in words
    assert "0.2083 simulated days" in words


def test_a_run_that_says_little_about_itself_gets_a_page(tmp_path: Path) -> None:
    run = load(make_run(tmp_path / "run", ticks=60))
    run.run.clear()
    assert ">Sensors and forecasts</h2>" in report(run, {})


def test_names_are_shown_as_they_are_and_never_as_markup(tmp_path: Path) -> None:
    names = ("<b>$x^2$", 'a&"b_c')
    run = load(make_run(tmp_path / "run", ticks=150, assets=names))
    run.run["error"], run.run["status"], run.run["scenario"] = "</p><script>", "failed", "<i>"
    run.config["note"] = "</pre><script>alert(1)</script>"
    text = report(run, scores(run))
    assert text.count("<script") == 1, "the page's own"
    assert "alert(1)</script>" not in text
    assert "<b>$" not in text
    tags = Tags()
    tags.feed(text)
    assert tags.open == []
    assert tags.words.count("<b>$x^2$") >= 3  # in the states, its summary, the hazards


def test_a_month_of_a_line_is_drawn_in_seconds_and_small(tmp_path: Path) -> None:
    run = load(make_run(tmp_path / "run", ticks=4320, assets=tuple(f"station_{i}" for i in range(8))))
    figures_, start = scores(run), time.process_time()
    text = report(run, figures_)
    assert time.process_time() - start < 5.0
    assert len(text) < 1_500_000


def test_what_is_no_run_is_refused(tmp_path: Path) -> None:
    with pytest.raises(FileNotFoundError, match="is not a run directory"):
        write_report(tmp_path)
