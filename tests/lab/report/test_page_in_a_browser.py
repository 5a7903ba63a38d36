"""The run's page in a real browser: nothing fails, nothing is fetched, nothing is too wide, all is legible."""

from __future__ import annotations

import json
import re
import shutil
import subprocess
from html import unescape
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from matplotlib.image import imread

from tests.conftest import Tandem
from tests.lab.runs import make_run
from twin.lab.report.report import write_report

CHROMIUM = shutil.which("chromium") or shutil.which("chromium-browser") or shutil.which("google-chrome")
pytestmark = [pytest.mark.slow, pytest.mark.skipif(CHROMIUM is None, reason="there is no Chromium here")]
DARK, LIGHT = 0, 1  # of Blink's preferredColorScheme
DESK, PHONE = (1280, 4000), (390, 4000)
OPTIONS = (
    "--headless",
    "--no-sandbox",
    "--disable-gpu",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
    "--hide-scrollbars",
    "--enable-logging=stderr",
    "--v=0",
    "--host-resolver-rules=MAP * ~NOTFOUND",
)
# What the page looks like from inside: opened fully, measured, and told to the frame around it.
MEASURE = """
<script>
window.onerror = m => { parent.postMessage(JSON.stringify({error: String(m)}), '*') };
document.querySelectorAll('details').forEach(d => d.open = true);
const wide = innerWidth, seen = e => e.getClientRects().length > 0;
const scrolls = e => {
    for (; e; e = e.parentElement) if (['auto', 'scroll'].includes(getComputedStyle(e).overflowX)) return true };
const words = [...document.querySelectorAll('h1,h2,h3,p,b,span,small,em,dt,dd,summary,caption,figcaption')]
    .filter(seen);
const box = e => e.getBoundingClientRect();
  const beyond = words.filter(e => !scrolls(e) && (box(e).right > wide + 1 || box(e).left < -1));
const figures = [...document.querySelectorAll('figure')].filter(f => f.scrollWidth > f.clientWidth + 1);
const small = [...document.querySelectorAll('.plot span, .legend span, td, th, .strips b')].filter(seen)
  .filter(e => parseFloat(getComputedStyle(e).fontSize) < 11);
let collide = 0;
document.querySelectorAll('.plot').forEach(p => {
  const boxes = [...p.querySelectorAll('.x')].filter(seen).map(e => e.getBoundingClientRect())
      .sort((a, b) => a.left - b.left);
  boxes.forEach((b, i) => { if (i && boxes[i - 1].right > b.left) collide++ });
});
const choices = [...document.querySelectorAll('.choice')].map(c => {
  const select = c.querySelector('select');
  const seen = () => [...c.querySelectorAll(':scope > details')].map(d => !d.hidden);
  select.selectedIndex = 1; select.onchange();
  return !select.parentElement.hidden && seen()[1] && seen().filter(one => one).length === 1;
});
parent.postMessage(JSON.stringify({
  choices: choices,
  inner: wide, scroll: document.documentElement.scrollWidth, beyond: beyond.map(e => e.textContent.slice(0, 40)),
  figures: figures.length, small: small.length, collide: collide, plots: document.querySelectorAll('.plot').length,
  dark: matchMedia('(prefers-color-scheme: dark)').matches, ink: getComputedStyle(document.body).color,
}), '*');
</script>
"""
# A window of Chromium is never narrower than 500 pixels, a frame may be.
FRAME = """<!doctype html><meta name="color-scheme" content="light dark"><title>nothing</title>
<script>onmessage = told => { document.title = told.data }</script>
<iframe src="measured.html" style="border: 0; width: WIDEpx; height: 900px"></iframe>"""
OWN = ("google.com", "googleapis.com", "gvt1.com")  # hosts that the browser itself looks for; here it finds none


@pytest.fixture(scope="module")
def made(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A run of two weeks with every table filled."""
    run = make_run(
        tmp_path_factory.mktemp("page") / "run", ticks=2016, assets=("saw", "lathe", "a_long_name_for_a_mill")
    )
    write_report(run)
    return run / "report.html"


def browse(
    page: Path, folder: Path, size: tuple[int, int], scheme: int, *more: str
) -> subprocess.CompletedProcess[str]:
    """Open a page as a person with such a screen and such a preference would."""
    assert CHROMIUM is not None
    command = [
        CHROMIUM,
        *OPTIONS,
        f"--user-data-dir={folder / 'profile'}",
        f"--window-size={size[0]},{size[1]}",
        f"--blink-settings=preferredColorScheme={scheme}",
        f"--log-net-log={folder / 'net.json'}",
        *more,
        page.as_uri(),
    ]
    done = subprocess.run(command, capture_output=True, text=True, timeout=120, check=False)
    assert done.returncode == 0, done.stderr
    return done


def requests(folder: Path) -> set[str]:
    """Addresses beyond this machine that were asked for."""
    log = (folder / "net.json").read_text(encoding="utf-8")
    asked = set(re.findall(r'"url":"((?:https?|wss?)://[^"]*)"', log))
    return {address for address in asked if not address.split("/")[2].endswith(OWN)}


def measured(page: Path, folder: Path, size: tuple[int, int], scheme: int) -> dict[str, Any]:
    """What a script finds in a copy of the page."""
    copy = folder / "measured.html"
    copy.write_text(page.read_text(encoding="utf-8").replace("</body>", f"{MEASURE}</body>"), encoding="utf-8")
    frame = folder / "frame.html"
    frame.write_text(FRAME.replace("WIDE", str(size[0])), encoding="utf-8")
    done = browse(frame, folder, size, scheme, "--virtual-time-budget=2000", "--dump-dom")
    assert "CONSOLE" not in done.stderr, done.stderr
    title = re.search(r"<title>(.*?)</title>", done.stdout, flags=re.DOTALL)
    assert title is not None
    told: dict[str, Any] = json.loads(unescape(title.group(1)))
    return told


def check(page: Path, folder: Path, size: tuple[int, int], scheme: int) -> None:
    """All that is asked of a page on a screen."""
    told = measured(page, folder, size, scheme)
    assert told["inner"] == size[0]
    assert told["scroll"] == told["inner"], "wider than the screen"
    assert told["beyond"] == []
    assert told["figures"] == 0, "a figure that must be scrolled"
    assert told["small"] == 0, "letters of less than 11 pixels"
    assert told["collide"] == 0, "axis labels over one another"
    assert told["plots"] > 5
    assert told["choices"], "nothing to choose"
    assert all(told["choices"]), "another choice does not show another block, and it alone"
    assert told["dark"] == (scheme == DARK)
    ink = sum(int(part) for part in re.findall(r"\d+", told["ink"])[:3]) / 3
    assert ink > 200 if scheme == DARK else ink < 60
    shot = folder / "shot.png"
    done = browse(page, folder, size, scheme, f"--screenshot={shot}")
    assert "CONSOLE" not in done.stderr, done.stderr
    assert requests(folder) == set()
    picture = imread(shot)[..., :3]
    assert picture.shape[1] == size[0]
    assert picture[0, 0].mean() < 0.2 if scheme == DARK else picture[0, 0].mean() > 0.9
    blank = np.all(np.abs(picture - picture[0, 0]) < 0.02, axis=2).mean()
    assert blank < 0.8
    assert len(np.unique((picture.reshape(-1, 3)[::7] * 15).astype(int), axis=0)) > 60, "hardly any colours"


@pytest.mark.parametrize("size", [DESK, PHONE], ids=["desk", "phone"])
@pytest.mark.parametrize("scheme", [LIGHT, DARK], ids=["light", "dark"])
def test_the_page_on_a_screen(made: Path, tmp_path: Path, size: tuple[int, int], scheme: int) -> None:
    check(made, tmp_path, size, scheme)


@pytest.mark.parametrize(
    "arguments",
    [("days=1",), ("scenario=energy", "days=6"), ("scenario=traffic", "days=0.02"), ("scenario=assembly", "days=0.2")],
    ids=" ".join,
)
def test_the_page_of_every_plant_on_a_phone(tandem: Tandem, tmp_path: Path, arguments: tuple[str, ...]) -> None:
    done = tandem("run", "surrogate=ewma", *arguments, "out=run")
    assert done.returncode == 0, done.stderr
    page = tmp_path / "run" / "report.html"
    assert page.stat().st_size < 2_000_000
    check(page, tmp_path, PHONE, LIGHT)


def test_the_browser_would_tell_of_a_page_that_is_too_wide_or_asks_for_more(made: Path, tmp_path: Path) -> None:
    """The check itself: it sees what it is to see."""
    bad = tmp_path / "bad.html"
    more = (
        '<p style="width:2000px">wide</p><img src="http://example.org/a.png" alt=""><script>console.error("x")</script>'
    )
    bad.write_text(made.read_text(encoding="utf-8").replace("</main>", f"{more}</main>"), encoding="utf-8")
    done = browse(bad, tmp_path, PHONE, LIGHT, "--virtual-time-budget=2000", "--dump-dom")
    assert "CONSOLE" in done.stderr
    assert requests(tmp_path) == {"http://example.org/a.png"}
    with pytest.raises(AssertionError):
        check(bad, tmp_path, PHONE, LIGHT)
