"""RUN/checkpoint: all that a run needs to go on. Only the newest stays, and the one before it until it is whole.

A checkpoint is a directory of its own, written aside and renamed: `manifest.json` (when, which table parts belong to
it, size and checksum of each file), `plant.snapshot`, `twin.safetensors`, and `TABLE.parquet` with rows whose part is
not over. Nothing in it can be executed: see sim.engine.kernel for the snapshot, twin.lab.running.archive for the twin.
"""

from __future__ import annotations

import json
import os
import re
import shutil
import sys
import zlib
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from sim.contract import Plant
from twin.lab.errors import cause
from twin.lab.record.durable import sync
from twin.lab.record.recorder import Part, Recorder
from twin.lab.record.run_directory import CONFIG
from twin.lab.running.archive import decode, encode
from twin.state import State, Stateful

FORMAT, VERSION = "tandem checkpoint", 2
PLANT, TWIN, MANIFEST = "plant.snapshot", "twin.safetensors", "manifest.json"


@dataclass(frozen=True, slots=True)
class Checkpoint:
    """A checkpoint as it was read.

    time: of the plant, s. spent: (wall, cpu) seconds until then. parts: of tables, written by then, with their sizes
    and checksums.
    plant: its snapshot. twin, experiment: their states. rows: unwritten rows as Parquet, by table.
    """

    time: float
    spent: tuple[float, float]
    parts: Mapping[str, Part]
    plant: bytes
    twin: State
    experiment: State
    rows: Mapping[str, bytes]


class Checkpoints:
    """Writes a checkpoint whenever simulated time crosses a multiple of `every` seconds; None or 0: never.

    directory: the run's. spent: returns the (wall, cpu) seconds so far. Where a plant or twin cannot be saved, a line
    says so once, and the run goes on without checkpoints.
    """

    def __init__(
        self,
        *,
        directory: Path,
        every: float | None,
        plant: Plant,
        twin: Stateful,
        experiment: Stateful,
        recorder: Recorder,
        spent: Callable[[], tuple[float, float]],
    ) -> None:
        self._run, self._directory, self._every = directory, directory / "checkpoint", every
        self._plant, self._twin, self._experiment = plant, twin, experiment
        self._recorder, self._spent = recorder, spent
        self._written, self._synced = plant.now, 0
        for place in (self._directory / ".new", *_places(self._directory)[:-1]):  # what a killed process left
            shutil.rmtree(place, ignore_errors=True)

    def update(self, now: float) -> None:
        """Called between ticks."""
        if self._every and self._count(now) > self._count(self._written):
            self.write(now)

    def write(self, now: float) -> None:
        """Write one, unless there is one of this very time or none are wanted."""
        if not self._every or (now == self._written and _places(self._directory)):
            return
        try:
            files = {PLANT: self._plant.snapshot(), TWIN: encode(self._twin.state())}
        except ValueError as error:
            print(f"tandem: no checkpoints, so that resume= begins anew: {error}", file=sys.stderr)
            self._every = None
            return
        files |= {f"{table}.parquet": rows for table, rows in self._recorder.unwritten().items()}
        self._put(files, _manifest(self._run, now, self._spent(), self._experiment, self._recorder.parts, files))
        self._written = now

    def _count(self, now: float) -> int:
        return int((now + 1e-6) // self._every) if self._every else 0

    def _put(self, files: Mapping[str, bytes], manifest: bytes) -> None:
        aside = self._directory / ".new"
        shutil.rmtree(aside, ignore_errors=True)
        self._sync_parts()
        before = _places(self._directory)
        try:
            _write_files(aside, {**files, MANIFEST: manifest})
            os.replace(aside, self._directory / f"{int(before[-1].name) + 1 if before else 1:06d}")
        except OSError:  # on a full disk the rest needs the room
            shutil.rmtree(aside, ignore_errors=True)
            raise
        sync(self._directory)
        for place in before:
            shutil.rmtree(place)

    def _sync_parts(self) -> None:
        """Have the disk keep the parts that the checkpoint will list."""
        fresh = [self._run / "tables" / part for part in [*self._recorder.parts][self._synced :]]
        for path in (*fresh, *{path.parent: None for path in fresh}):
            sync(path)
        self._synced += len(fresh)


def _write_files(place: Path, files: Mapping[str, bytes]) -> None:
    """A new directory with these files, kept by the disk."""
    place.mkdir(parents=True)
    for name, data in files.items():
        (place / name).write_bytes(data)
        sync(place / name)
    sync(place)


def _manifest(
    run: Path,
    now: float,
    spent: tuple[float, float],
    experiment: Stateful,
    parts: Mapping[str, Part],
    files: Mapping[str, bytes],
) -> bytes:
    sums = {name: [len(data), zlib.crc32(data)] for name, data in files.items()}
    manifest = {
        "format": FORMAT,
        "version": VERSION,
        "time": now,
        "spent": spent,
        "experiment": experiment.state(),
        "config": zlib.crc32((run / CONFIG).read_bytes()),
        "parts": dict(parts),
        "files": sums,
    }
    return json.dumps(manifest, indent=1).encode()


def _places(directory: Path) -> list[Path]:
    """The checkpoints that are there, oldest first."""
    return sorted(place for place in directory.glob("*") if place.name.isdigit())


def newest(run: Path) -> Checkpoint | None:
    """The last checkpoint of a run, None where it has none.

    Raises ValueError in one line for one that is truncated, foreign, of another version or of another run.
    """
    places = _places(run / "checkpoint")
    if not places:
        return None
    try:
        return _read(run, places[-1])
    except ValueError as error:
        raise ValueError(f"{places[-1]}: {error} (without {run / 'checkpoint'} the run starts anew)") from None


def _read(run: Path, place: Path) -> Checkpoint:
    manifest = _read_manifest(place)
    if manifest.get("format") != FORMAT:
        raise ValueError("is not a checkpoint of Tandem")
    if manifest.get("version") != VERSION:
        raise ValueError(f"version = {manifest.get('version')}: this Tandem reads version {VERSION}")
    try:
        if manifest["config"] != zlib.crc32((run / CONFIG).read_bytes()):
            raise ValueError(f"was made under another {CONFIG}")
        strange = [part for part in manifest["parts"] if not re.fullmatch(r"[a-z]+/part-\d+\.parquet", part)]
        if strange:
            raise ValueError(f"{MANIFEST} names {strange[0]!r}, which is no part of a table")
        parts = {part: _whole_part(run / "tables", part, *sums) for part, sums in manifest["parts"].items()}
        files = {name: _checked(place, name, *sums) for name, sums in manifest["files"].items()}
        return Checkpoint(
            time=float(manifest["time"]),
            spent=(float(manifest["spent"][0]), float(manifest["spent"][1])),
            parts=parts,
            plant=files.pop(PLANT),
            twin=decode(files.pop(TWIN)),
            experiment=manifest["experiment"],
            rows={name.removesuffix(".parquet"): data for name, data in files.items()},
        )
    except (KeyError, TypeError, AttributeError, IndexError) as error:
        raise ValueError(f"{MANIFEST} is damaged: {type(error).__name__}: {error}") from None


def _read_manifest(place: Path) -> dict[str, Any]:
    try:
        manifest = json.loads((place / MANIFEST).read_bytes())
    except (OSError, ValueError, RecursionError) as error:
        raise ValueError(f"{MANIFEST} cannot be read: {error}") from None
    if not isinstance(manifest, dict):
        raise ValueError("is not a checkpoint of Tandem")
    return manifest


def _whole_part(tables: Path, part: str, size: int, checksum: int) -> Part:
    """The size and checksum of a part of a table, of which nothing has been lost since."""
    try:
        data = (tables / part).read_bytes()
    except FileNotFoundError:
        raise ValueError(f"its table part {part} is missing") from None
    except OSError as error:
        raise ValueError(f"its table part {part} cannot be read: {cause(error)}") from None
    if (len(data), zlib.crc32(data)) != (size, checksum):
        raise ValueError(f"its table part {part} is truncated or damaged ({len(data)} of {size} bytes)")
    return size, checksum


def _checked(place: Path, name: str, size: int, checksum: int) -> bytes:
    if Path(name).name != name:
        raise ValueError(f"{MANIFEST} names {name!r}, which lies elsewhere")
    try:
        data = (place / name).read_bytes()
    except OSError as error:
        raise ValueError(f"{name}: cannot be read: {error.strerror}") from None
    if (len(data), zlib.crc32(data)) != (size, checksum):
        raise ValueError(f"{name}: truncated or damaged ({len(data)} of {size} bytes)")
    return data
