"""What a run has found out, read back from its folder."""

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import pyarrow as pa
import pyarrow.parquet as pq
from numpy.typing import NDArray

from hoovik.errors import MediaError
from hoovik.schema.emotion import EMOTIONS, Profile
from hoovik.schema.reason import Reason
from replay.outputs import RESULTS
from replay.timeline import PROBABILITY_COLUMNS, RESULTS_SCHEMA, Results

MS_PER_S = 1000

Key = tuple[str, str]
"""A meeting and a participant of it."""


@dataclass(frozen=True, slots=True)
class Run:
    """The results of one run.

    Attributes:
        name: for people; the folder it was read from.
        bundles: versions of the bundles that it rests on, sorted; usually one.
        untrained: whether models with random weights had a part in it.
        results: by meeting and participant, in the order of the files.
    """

    name: str
    bundles: tuple[str, ...]
    untrained: bool
    results: dict[Key, Results]

    def __len__(self) -> int:
        return sum(len(one) for one in self.results.values())

    @property
    def bundle(self) -> str:
        """All versions in one line."""
        return ", ".join(self.bundles) or "none"


def read_run(folder: Path) -> Run:
    """Read a run.

    Args:
        folder: of a meeting, or of a run, in which each meeting has a folder.

    Raises:
        MediaError: there are no results, or what is there are none of a replay.
    """
    if not folder.is_dir():
        raise MediaError(f"{folder}: there is no such folder")
    own = folder / RESULTS
    files = [own] if own.is_file() else sorted(folder.glob(f"*/{RESULTS}"))
    if not files:
        raise MediaError(
            f"{folder}: there is no {RESULTS} in it or in a folder of it; what is compared are "
            "output folders of hoovik replay"
        )
    return run_of(pa.concat_tables([_read(file) for file in files]), str(folder))


def run_of(table: pa.Table, name: str) -> Run:
    """A run from its results.

    Args:
        table: with the columns of `RESULTS_SCHEMA`, in any order of columns and rows.
        name: for people.

    Raises:
        MediaError: columns are missing or hold something else; a participant has two results at
            one time.
    """
    rows = _checked(table, name)
    places: dict[Key, list[int]] = {}
    keys = zip(rows["meeting"].to_pylist(), rows["participant"].to_pylist(), strict=True)
    for place, key in enumerate(keys):
        places.setdefault(key, []).append(place)
    results = {key: _results(rows.take(those)) for key, those in places.items()}
    for (meeting, participant), own in results.items():
        _refuse_duplicates(own, f"{name}: {participant} in {meeting}")
    bundles = tuple(sorted(set(rows["bundle"].to_pylist())))
    return Run(name, bundles, any(rows["untrained"].to_pylist()), results)


def milliseconds(time_s: NDArray[np.float64]) -> NDArray[np.int64]:
    """(N,) times by which results of two runs are matched."""
    return np.round(time_s * MS_PER_S).astype(np.int64)


def _read(file: Path) -> pa.Table:
    try:
        # As one file: a reader of data sets would make columns of the names of its folders.
        table = pq.ParquetFile(file).read()
    except (OSError, pa.ArrowException) as error:
        raise MediaError(f"{file}: cannot be read: {error}") from error
    return _checked(table, str(file))


def _checked(table: pa.Table, name: str) -> pa.Table:
    """The columns of `RESULTS_SCHEMA`, with nothing in them that a replay does not write."""
    missing = [column for column in RESULTS_SCHEMA.names if column not in table.column_names]
    if missing:
        raise MediaError(f"{name}: no results of a replay: there is no {', '.join(missing)}")
    try:
        rows = table.select(RESULTS_SCHEMA.names).cast(RESULTS_SCHEMA)
    except (pa.ArrowException, ValueError) as error:
        raise MediaError(f"{name}: no results of a replay: {error}") from error
    for column in RESULTS_SCHEMA.names:
        if rows[column].null_count:
            raise MediaError(f"{name}: no results of a replay: {column} has empty cells")
    for column, known in (("emotion", EMOTIONS), ("profile", tuple(Profile))):
        _refuse_unknown(rows[column].unique().to_pylist(), known, f"{name}: {column}")
    for column in ("time_s", *PROBABILITY_COLUMNS):
        if not np.isfinite(rows[column].to_numpy()).all():
            raise MediaError(f"{name}: {column} is not finite everywhere")
    return rows


def _refuse_unknown(found: Sequence[str], known: Sequence[str], where: str) -> None:
    unknown = sorted(set(found) - set(known))
    if unknown:
        raise MediaError(f"{where} is {', '.join(unknown)}; there are {', '.join(known)}")


def _results(rows: pa.Table) -> Results:
    rows = rows.sort_by("time_s")
    return Results(
        time_s=rows["time_s"].to_numpy(),
        probs=np.column_stack([rows[column].to_numpy() for column in PROBABILITY_COLUMNS]),
        emotion=tuple(rows["emotion"].to_pylist()),
        uncertain=rows["uncertain"].to_numpy(),
        profile=tuple(Profile(one) for one in rows["profile"].to_pylist()),
        anomaly=rows["anomaly"].to_numpy(),
        reasons=tuple(tuple(map(Reason, one)) for one in rows["anomaly_reasons"].to_pylist()),
        anomaly_score=rows["anomaly_score"].to_numpy(),
    )


def _refuse_duplicates(results: Results, who: str) -> None:
    times = milliseconds(results.time_s)
    again = times[1:][np.diff(times) == 0]
    if len(again):
        raise MediaError(f"{who} has more than one result at {again[0] / MS_PER_S:.3f} s")


NO_RESULTS = _results(RESULTS_SCHEMA.empty_table())
"""Of who is not in a run."""
