"""The order of a sweep's combinations, as typed."""

from __future__ import annotations

from pathlib import Path

from twin.lab.sweep.typed_order import ORDER, as_typed, note_order


def test_runs_stand_as_their_sweeps_were_typed(tmp_path: Path) -> None:
    b, a, z, other = (tmp_path / name for name in ("b", "a", "z", "other"))
    note_order(tmp_path, [b, a])
    note_order(tmp_path, [z, a])
    assert as_typed([a, b, other, z]) == [b, a, z, other]
    assert as_typed([z, a]) == [z, a]  # somebody chose that
    assert as_typed([a, tmp_path / "deep" / "b"]) == [a, tmp_path / "deep" / "b"]
    assert as_typed([]) == []


def test_a_damaged_note_is_no_trouble(tmp_path: Path) -> None:
    (tmp_path / ORDER).write_text("{")
    assert as_typed([tmp_path / "a", tmp_path / "b"]) == [tmp_path / "a", tmp_path / "b"]
    note_order(tmp_path, [tmp_path / "b"])
    assert as_typed([tmp_path / "a", tmp_path / "b"]) == [tmp_path / "b", tmp_path / "a"]
