from pathlib import Path

import pytest

from tests.lab.runs import make_run
from twin.lab.core.scores import scores
from twin.lab.draw.words import number
from twin.lab.record.loading import load
from twin.lab.report.closing_table import cards, headlines, network, network_balance, print_run

ACCOUNT = {
    "uplink_sent": 100.0,
    "uplink_duplicated": 3.0,
    "uplink_delivered": 90.0,
    "uplink_lost": 11.0,
    "uplink_in_flight": 2.0,
}


@pytest.mark.parametrize(
    ("value", "shown"),
    [
        (3.0, "3"),
        (0.123456, "0.1235"),
        (1234.56, "1,235"),
        (1234567.8, "1,234,568"),
        (-0.5, "-0.5"),
        (float("nan"), "-"),
        (None, "-"),
        (float("inf"), "inf"),
    ],
)
def test_numbers_are_shown_in_four_figures(value: float, shown: str) -> None:
    assert number(value) == shown


def test_every_message_is_accounted_for_or_the_table_says_so() -> None:
    told = "Uplink: 100 sent + 3 copies = 90 delivered + 11 lost + 2 in flight."
    assert network_balance(ACCOUNT) == [told]
    assert "1 UNACCOUNTED FOR" in network_balance(ACCOUNT | {"uplink_lost": 10.0})[0]
    assert network_balance({}) == []


def test_a_plant_with_figures_of_its_own_has_them_shown() -> None:
    kpis = {"delay_hours": 1.0, "uplink_sent": 5.0, "co2_kg": 2.0}
    assert headlines(kpis) == [("delay_hours", 1.0), ("co2_kg", 2.0)]
    assert cards(kpis) == [("delay_hours", "delay hours", 1.0), ("co2_kg", "co2 kg", 2.0)]
    assert [name for name, _ in headlines({"extra": 1.0, "oee": 0.8})] == ["oee", "extra"]


def test_the_closing_table_holds_figures_scores_the_account_and_the_page(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    run = load(make_run(tmp_path / "run"))
    print_run(run.path, {"profit_per_hour": 100.5, "mtbf_hours": float("nan")} | ACCOUNT, scores(run))
    told = capsys.readouterr().out
    for said in (
        "profit_per_hour",
        "100.5",
        "vibration, 1 tick ",
        "vibration, 6 ticks",
        "36 ticks",
        "11 lost",
        str(run.path),
    ):
        assert said in told
    assert max(len(line) for line in told.splitlines() if str(run.path) not in line) <= 110


def test_a_run_without_forecasts_has_a_table_too(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    print_run(tmp_path, {}, {})
    assert str(tmp_path) in capsys.readouterr().out


def test_the_network_s_figures_stand_together() -> None:
    kpis = {"messages_new_kind": 1.0, "oee": 0.8, "commands_late": 2.0, "uplink_sent": 3.0}
    assert network(kpis) == [("uplink_sent", 3.0), ("commands_late", 2.0), ("messages_new_kind", 1.0)]
    assert headlines(kpis) == [("oee", 0.8)]
