"""Run-to-failure units: reading them, and playing them on slots."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest

from sim import contract
from sim.contract import Event, Message
from twin.lab.replay.cmapss import read_cmapss
from twin.lab.replay.fleet import Fleet, Unit
from twin.lab.replay.numeric_table import DataError
from twin.lab.replay.table import print_cmapss
from twin.sensing.lives import Lives

SHARED = Path(__file__).parents[4] / "shared" / "data" / "cmapss_fd001"
COLUMNS = ["id", "cycle", "setting1", "setting2", "setting3", *(f"s{i}" for i in range(1, 22))]


def rows(lives: list[int], seed: int = 0) -> list[list[float]]:
    """Engines of `lives` cycles; s2 and s3 vary, the other sensors stand still."""
    draw = np.random.default_rng(seed)
    result = []
    for unit, life in enumerate(lives, 1):
        for cycle in range(1, life + 1):
            values = [518.67] * 21
            values[1], values[2] = 640 + cycle / life + draw.normal() / 10, 1590 + draw.normal()
            result.append([unit, cycle, 0.0, 0.0, 100.0, *(round(v, 4) for v in values)])
    return result


def write(folder: Path, *, nasa: bool = False, train: list[int] | None = None, test: list[int] | None = None) -> Path:
    """A folder of the same form as the published one."""
    tables = {"train": rows(train or [12, 15, 9]), "test": rows(test or [5, 7], 1)}
    for name, table in tables.items():
        mark = " " if nasa else ","
        lines = [mark.join(f"{value:g}" for value in row) for row in table]
        head = [] if nasa else [",".join(COLUMNS)]
        path = folder / (f"{name}_FD001.txt" if nasa else f"PM_{name}.csv")
        path.write_text("\n".join([*head, *lines]) + "\n")
    truth = [str(10 + i) for i in range(len(test or [5, 7]))]
    (folder / ("RUL_FD001.txt" if nasa else "PM_truth.csv")).write_text(
        "\n".join((["RUL"] * (not nasa)) + truth) + "\n"
    )
    return folder


@pytest.mark.parametrize("nasa", [False, True])
def test_both_forms_of_the_files_say_the_same(tmp_path: Path, nasa: bool) -> None:
    data = read_cmapss(write(tmp_path, nasa=nasa))
    assert data.signals == ("s2", "s3")
    assert [len(unit.values) for unit in data.train] == [12, 15, 9]
    assert all(unit.failed for unit in data.train)
    assert not any(unit.failed for unit in data.test)
    assert data.truth.tolist() == [10, 11]


def test_a_cell_that_is_no_number_is_named(tmp_path: Path) -> None:
    write(tmp_path)
    path = tmp_path / "PM_train.csv"
    lines = path.read_text().splitlines()
    cells = lines[4].split(",")
    cells[6] = "broken"
    lines[4] = ",".join(cells)
    path.write_text("\n".join(lines))
    with pytest.raises(DataError, match=r"PM_train.csv, row 5, column s2: holds 'broken'"):
        read_cmapss(tmp_path)


def test_a_skipped_cycle_is_named(tmp_path: Path) -> None:
    write(tmp_path)
    path = tmp_path / "PM_test.csv"
    lines = path.read_text().splitlines()
    del lines[3]
    path.write_text("\n".join(lines))
    with pytest.raises(DataError, match=r"PM_test.csv, row 4, column cycle"):
        read_cmapss(tmp_path)


def test_missing_folder_file_and_truth_are_told(tmp_path: Path) -> None:
    with pytest.raises(DataError, match="no such folder"):
        read_cmapss(tmp_path / "nowhere")
    with pytest.raises(DataError, match=r"holds neither PM_train\.csv nor train_FD001\.txt"):
        read_cmapss(tmp_path)
    write(tmp_path)
    (tmp_path / "PM_truth.csv").write_text("RUL\n1\n")
    with pytest.raises(DataError, match="1 true lives for 2 test units"):
        read_cmapss(tmp_path)


def fleet(lives: list[int], slots: int) -> Fleet:
    units = [Unit(f"u{i}", np.full((life, 2), float(i)), failed=True) for i, life in enumerate(lives)]
    return Fleet(["a", "b"], units, slots)


def played(it: Fleet) -> tuple[list[Message], dict[str, tuple[int, int]]]:
    """All messages, and where and when each unit gave its last reading."""
    messages: list[Message] = []
    ends = {}
    for batch in it.play():
        messages += batch
        for slot, unit in it.finished:
            ends[unit.name] = (it.now, slot)
    return messages, ends


def test_every_reading_of_every_unit_is_played_once() -> None:
    lives = [3, 5, 2, 4, 1]
    messages, ends = played(fleet(lives, 2))
    values = np.concatenate([m.values for m in messages])
    assert [int((values == i).sum()) for i in range(len(lives))] == [2 * life for life in lives]
    assert sorted(ends) == [f"u{i}" for i in range(len(lives))]


def test_a_slot_fails_rests_and_is_renewed() -> None:
    messages, _ = played(fleet([3, 2], 1))
    events: list[Event] = [event for m in messages for event in m.events]
    assert [event.kind for event in events] == [contract.FAILED, contract.REPAIRED, contract.FAILED]
    assert 3 < events[0].time < 4 < events[1].time < 5
    assert [len(m.values) for m in messages] == [2, 2, 2, 0, 2, 2, 0]


def test_every_life_is_counted_once() -> None:
    lives = [3, 5, 2, 4, 1, 6]
    it = fleet(lives, 2)
    book = Lives(it.spec)
    for messages in it.play():
        book.observe([event for message in messages for event in message.events])
    assert sorted(round(life.duration) for life in book.finished) == sorted(lives)
    assert all(life.failed for life in book.finished)
    assert book.contradictions == 0


def test_messages_never_tell_of_the_future() -> None:
    messages, _ = played(fleet([3, 5, 2, 4], 3))
    for message in messages:
        assert (message.times <= message.arrived).all()
        assert all(event.time <= message.arrived for event in message.events)
    assert [m.sequence for m in messages] == list(range(len(messages)))


def test_slots_below_one_are_refused() -> None:
    with pytest.raises(ValueError, match="slots = 0: must be >= 1"):
        fleet([3], 0)


@pytest.mark.skipif(not SHARED.is_dir(), reason="the recorded data are not here")
def test_the_published_engines() -> None:
    data = read_cmapss(SHARED)
    assert len(data.signals) == 14
    assert sum(len(unit.values) for unit in data.train) == 20_631
    assert sum(len(unit.values) for unit in data.test) == 13_096
    assert len(data.truth) == 100


def test_of_one_seed_no_deviation_is_told(capsys: pytest.CaptureFixture[str]) -> None:
    one = {"rmse_capped": 9.92, "rmse_raw": 11.09, "score_capped": 158.0, "score_raw": 180.0, "bias_capped": 0.5}
    print_cmapss({True: [one]})
    told = capsys.readouterr().out
    assert "nan" not in told
    assert "9.92" in told
    print_cmapss({True: [one, one | {"rmse_capped": 10.0}]})
    assert "9.96 ± 0.06" in capsys.readouterr().out
