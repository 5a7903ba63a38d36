"""The gate of exact results: what it accepts, what it refuses, what it repeats, and what it says."""

from __future__ import annotations

import json
from collections.abc import Callable, Sequence
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest

from twin.lab.errors import UserError
from twin.lab.jobs.validate import main
from twin.lab.validate.cases import CASES
from twin.lab.validate.cases.case import Case
from twin.lab.validate.gate import FIRST, HOLDS, MISSES, WIDE, Check, Finding, Gate, Target
from twin.lab.validate.parameters import Numbers, written
from twin.lab.validate.table import print_findings, remarks
from twin.lab.validate.theory import two_machines
from twin.lab.workers import Workers

SMALL = ("case=exponential_line", "mu=1,1", "K=1", "precision=.1")


def silent(what: str, done: int, of: int, seconds: float) -> None:
    """No progress."""


def judge(*checks: Check, seed: int = 0, most: int = 400) -> list[Finding]:
    with Workers(1) as workers:
        return Gate(seed=seed, most=most, workers=workers, progress=silent).judge(checks)


def check(replicate: Callable[[int], dict[str, float]], reference: float = 1.0, **more: object) -> Check:
    given = {"parameters": {"a": 1.0}, "title": "", "targets": (Target("mean", reference),)} | more
    return Check(case="stub", replicate=replicate, **given)  # type: ignore[arg-type]


def noise(sd: float) -> Callable[[int], dict[str, float]]:
    return lambda seed: {"mean": float(np.random.default_rng(seed).normal(1.0, sd))}


def rows_of(path: Path) -> list[dict[str, object]]:
    found: list[dict[str, object]] = json.loads(path.read_text())
    return found


def test_the_fast_subset_holds(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    main(["quick=true", f"json={tmp_path / 'rows.json'}"])
    rows = rows_of(tmp_path / "rows.json")
    assert {row["case"] for row in rows} == {c.name for c in CASES.values() if c.quick and c.ready()}
    assert len({row["case"] for row in rows}) >= 12
    assert {row["verdict"] for row in rows} == {"holds"}
    text = capsys.readouterr().out
    assert f"{len(rows)} of {len(rows)} figures hold\n" in text
    assert "once in a hundred times" in text
    for row in rows:
        assert str(row["case"]) in text
        if row["tolerance"] is None:
            assert row["low"] < row["reference"] < row["high"]  # type: ignore[operator]
            assert row["high"] - row["low"] <= 2 * 0.05 * row["reference"] * (1 + 1e-9)  # type: ignore[operator]
            assert row["replications"] >= FIRST  # type: ignore[operator]


def test_the_same_figures_from_any_number_of_processes(tmp_path: Path) -> None:
    one, two, other = (tmp_path / name for name in ("one.json", "two.json", "other.json"))
    main([*SMALL, f"json={one}"])
    main([*SMALL, "processes=2", f"json={two}"])
    main([*SMALL, "seed=1", f"json={other}"])
    assert rows_of(one) == rows_of(two)
    assert rows_of(one)[0]["mean"] != rows_of(other)[0]["mean"]
    assert rows_of(one)[0]["reference"] == pytest.approx(0.75)


def test_a_wrong_reference_is_a_miss_and_fails(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    true = two_machines.deterministic
    monkeypatch.setattr(two_machines, "deterministic", lambda **given: 1.05 * true(**given))
    with pytest.raises(SystemExit) as stop:
        main(["case=two_machine_deterministic", "quick=true", "precision=.02", f"json={tmp_path / 'rows.json'}"])
    assert stop.value.code == 1
    (row,) = rows_of(tmp_path / "rows.json")
    assert (row["verdict"], row["repeated"]) == ("misses", True)
    text = capsys.readouterr().out
    assert "MISSES*" in text
    assert "missed at first" in text
    assert "0 of 1 figures hold, 1 FAILED" in text


def test_a_larger_buffer_is_noticed(monkeypatch: pytest.MonkeyPatch) -> None:
    """Four places more change the throughput by 1.3 %."""
    (right,) = CASES["two_machine_deterministic"].checks({"N": 4}, 0.006)
    (wrong,) = CASES["two_machine_deterministic"].checks({"N": 8}, 0.006)
    (finding,) = judge(replace(right, targets=wrong.targets))
    assert finding.verdict == MISSES
    assert finding.narrow


def test_what_misses_by_luck_is_repeated_with_fresh_seeds(capsys: pytest.CaptureFixture[str]) -> None:
    seeds: list[int] = []

    def unlucky(seed: int) -> dict[str, float]:
        seeds.append(seed)
        luck = float(np.random.default_rng(seed).normal(1.0, 0.005))
        return {"mean": luck + (0.05 if len(seeds) <= FIRST else 0.0), "other": luck}

    (mean, other) = judge(check(unlucky, targets=(Target("mean", 1.0), Target("other", 1.0))))
    assert len(seeds) == len(set(seeds)) == 2 * FIRST
    assert mean.verdict == HOLDS
    assert mean.first is not None
    assert mean.first.verdict == MISSES
    assert other.first is None  # it held at once
    print_findings([mean, other], seconds=1.0, cpu_seconds=2.0)
    text = capsys.readouterr().out
    assert "holds*" in text
    assert "missed at first" in text
    assert "repeated: 1" in text
    assert "2 of 2 figures hold\n" in text


def test_replications_are_added_until_the_interval_is_narrow() -> None:
    few, many = (judge(check(noise(sd), reference=1.0))[0] for sd in (0.001, 0.05))
    assert len(few.values) == FIRST
    assert 100 < len(many.values) < 300  # (2.58 x .05 / .01)^2 = 166
    assert many.half_width <= 0.01
    assert HOLDS == many.verdict == few.verdict


def test_an_interval_that_stays_wide_does_not_pass() -> None:
    (finding,) = judge(check(noise(1.0)), most=50)
    assert len(finding.values) == 50
    assert finding.verdict == WIDE
    assert "0 of 1 figures hold, 1 FAILED" in remarks([finding])[-1]


def test_a_true_reference_is_missed_by_one_interval_in_a_hundred() -> None:
    """400 checks, stopped as soon as they are narrow, no repeat: at most 12 miss (binomial of .01: 1 - 2e-4)."""
    findings = [f for gate in range(400) for f in _once(check(noise(0.02), parameters={"a": float(gate)}))]
    assert 0 < sum(f.verdict == MISSES for f in findings) <= 12
    assert np.mean([len(f.values) for f in findings]) < 1.3 * (2.576 * 0.02 / 0.01) ** 2


def _once(*checks: Check) -> list[Finding]:
    with Workers(1) as workers:
        return Gate(seed=0, most=400, workers=workers, progress=silent)._simulate(checks, attempt=0)


@pytest.mark.parametrize(("value", "verdict"), [(1.019, HOLDS), (0.979, MISSES), (float("nan"), MISSES)])
def test_a_figure_with_a_tolerance(value: float, verdict: str) -> None:
    (finding,) = judge(check(lambda _: {"mean": value}, targets=(Target("mean", 1.0, tolerance=0.02),), least=1))
    assert finding.verdict == verdict


def test_a_failing_law_is_told(monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> None:
    """A part that nobody can find any more."""
    from twin.lab.validate.cases import laws

    found = laws._inside
    monkeypatch.setattr(laws, "_inside", lambda plant: [*found(plant), 0.0])
    with pytest.raises(SystemExit) as stop:
        main(["case=conservation"])
    assert stop.value.code == 1
    text = capsys.readouterr().out
    assert [("parts" in line or "L =" in line) for line in text.splitlines() if "MISSES" in line] == [True] * 5
    assert "state times" in text


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        (["case=mm1"], "case = mm1: there is no such case; did you mean mm1k"),
        (["case=mm1k", "labda=1"], "labda = 1: case mm1k has no such parameter; did you mean lambda"),
        (["case=mm1k", "precison=.1"], "did you mean precision"),
        (["case=conservation", "K=1"], "it takes none"),
        (["case=two_machine_deterministic", "p1=0"], "p1 = 0.0: must be a number > 0 and <= 1"),
        (["case=two_machine_deterministic", "r2=1.5"], "r2 = 1.5: must be a number > 0 and <= 1"),
        (["case=two_machine_exponential", "mu1=x"], "mu1 = 'x': must be a number > 0"),
        (["case=two_machine_exponential", "N=1"], "N = 1: must be a whole number from 2 to 10,000"),
        (["case=two_machine_exponential", "N=4.5"], "N = 4.5: must be a whole number"),
        (["case=two_machine_exponential", "N=inf"], "N = inf: must be a whole number"),
        (["case=exponential_line", "mu=1,,2"], "mu = 1,,2: must be 1 or more numbers"),
        (["case=exponential_line", "mu=1,-2"], "mu = -2.0: must be a number > 0"),
        (["case=exponential_line", "mu=1,1,1,1,1", "K=50"], "K = 50: with 5 stations the Markov chain has"),
        (["case=age_replacement", "T=0"], "T = 0.0: must be a number > 0, or inf"),
        (["case=age_replacement", "beta=-1"], "beta = -1.0: must be a number > 0"),
        (["case=mmc", "lambda=5"], "lambda = 5: must be < c mu = 5"),
        (["case=mg1", "mean=2"], "lambda = 0.8: must be < 1/mean = 0.5"),
        (["case=mg1", "cv2=-1"], "cv2 = -1.0: must be a number >= 0"),
        (["case=repairman", "M=0"], "M = 0: must be a whole number from 1"),
        (["case=markov_wear", "threshold=4"], "threshold = 4: must be at most states - 2 = 3"),
        (["case=markov_wear_line", "technicians=3"], "technicians = 3: must be a whole number from 1 to 2"),
        (["precision=0"], "precision = 0.0: must be a number > 0"),
        (["processes=0"], "processes = 0: must be a whole number"),
        (["quick=maybe"], "quick = maybe: must be true or false"),
        (["K=3"], "K=3: validate has no such option"),
        (["mm1k"], "mm1k: validate takes case=NAME"),
    ],
)
def test_what_is_asked_for_wrongly_is_told_in_a_line(arguments: Sequence[str], message: str) -> None:
    with pytest.raises(UserError) as error:
        main([*arguments])
    assert message in str(error.value)
    assert "\n" not in str(error.value)


@pytest.mark.parametrize("text", ["1,.9,1.1", "[1,.9,1.1]", " [ 1, .9 ,1.1 ] "])
def test_lists_are_typed_with_or_without_brackets(text: str) -> None:
    assert Numbers("mu").read(text) == (1.0, 0.9, 1.1)
    assert written({"mu": Numbers("mu").read(text), "K": 2}) == "mu=1,0.9,1.1 K=2"


def test_any_numbers_can_be_checked(tmp_path: Path) -> None:
    """A lopsided line, a short life, a blocking too rare to be seen."""
    for number, arguments in enumerate(
        (
            ["case=two_machine_deterministic", "r1=.3", "p1=.05", "r2=.15", "p2=.02", "N=3"],
            ["case=exponential_line", "mu=2,1.5,1.8,2", "K=0"],
            ["case=age_replacement", "beta=.8", "eta=10", "cp=1", "cf=3"],
            ["case=age_replacement", "T=100"],
            ["case=mm1k", "lambda=.5", "K=20"],
            ["case=markov_wear_line", "mu1=1", "mu2=1.3", "K=0", "states=4", "step=.3", "threshold=1"],
        )
    ):
        main([*arguments, "precision=.05", f"json={tmp_path / f'{number}.json'}"])
        rows = rows_of(tmp_path / f"{number}.json")
        assert rows
        assert {row["verdict"] for row in rows} == {"holds"}


@pytest.mark.parametrize("case", CASES.values(), ids=lambda case: case.name)
def test_every_case_is_complete_and_told_of(case: Case) -> None:
    with pytest.raises(UserError, match=rf"\b{case.name}\b"):
        main(["case=?"])
    assert case.about
    if not case.ready():
        with pytest.raises(ValueError, match=r"not installed|must be a folder"):
            case.examples_checks(None, first=True)
        return
    for example in case.examples:
        for parameter in case.parameters:
            if parameter.name in example:
                assert parameter.read(written({"": example[parameter.name]})[1:]) == example[parameter.name]
    for example in case.examples:
        for one in case.checks(example, None):
            assert one.precision <= 0.02
            assert all(np.isfinite(target.reference) for target in one.targets)


@pytest.mark.slow
def test_every_case_holds_with_all_its_parameters(tmp_path: Path) -> None:
    main(["precision=.02", f"json={tmp_path / 'rows.json'}"])
    assert {row["verdict"] for row in rows_of(tmp_path / "rows.json")} == {"holds"}
