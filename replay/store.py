"""What a run has found out so far, on disk: a run that is stopped goes on from it."""

import json
import shutil
from collections.abc import Iterable
from contextlib import suppress
from pathlib import Path

import numpy as np

from hoovik.features.sequence import PROFILES
from hoovik.schema.emotion import EMOTIONS
from hoovik.schema.reason import Reason
from replay.chunk import RawResults
from replay.found import Ended, Played
from replay.recording import Recording

END = "end.json"


class Store:
    """Results by recording, each chunk in a file of its own that is there whole or not at all.

    Args:
        folder: of one run; another bundle or other settings make another run.
    """

    def __init__(self, folder: Path) -> None:
        self._folder = folder

    def keep(self, recording: Recording, found: Played | Ended) -> None:
        """Write a chunk's results, or that the recording has ended without a fault."""
        folder = self._of(recording)
        folder.mkdir(parents=True, exist_ok=True)
        if isinstance(found, Ended):
            path, partial = folder / END, folder / f"{END}.partial"
            partial.write_text(json.dumps(found.duration_s), encoding="utf-8")
        else:
            path = folder / f"{found.first_cell:07d}+{found.n_cells}.npz"
            partial = folder / "chunk.partial"
            raw = found.results
            with partial.open("wb") as file:
                np.savez(
                    file,
                    time_s=raw.time_s,
                    probs=raw.probs,
                    profile=np.array([PROFILES.index(one) for one in raw.profile], np.int8),
                    anomaly=raw.anomaly,
                    reasons=np.array([_bits(one) for one in raw.reasons], np.int32),
                    anomaly_score=raw.anomaly_score,
                    least=raw.least,
                )
        partial.replace(path)

    def done(self, recording: Recording) -> frozenset[int]:
        """Cells whose results are there."""
        cells: set[int] = set()
        for path in self._chunks(recording):
            first, n_cells = path.stem.split("+")
            cells |= set(range(int(first), int(first) + int(n_cells)))
        return frozenset(cells)

    def ended(self, recording: Recording) -> Ended | None:
        """The recording's end, where it has been reached."""
        path = self._of(recording) / END
        if not path.is_file():
            return None
        return Ended(recording.number, json.loads(path.read_text(encoding="utf-8")))

    def results(self, recording: Recording) -> RawResults:
        """All results, in the order of their times."""
        parts = [_loaded(path) for path in self._chunks(recording)]
        probs = [part["probs"] for part in parts]

        def joined(name: str, kind: type) -> np.ndarray:
            return np.concatenate([np.zeros(0, kind), *(part[name] for part in parts)]).astype(kind)

        return RawResults(
            time_s=joined("time_s", np.float64),
            probs=np.concatenate([np.zeros((0, len(EMOTIONS)), np.float32), *probs]),
            profile=tuple(PROFILES[index] for index in joined("profile", np.int8)),
            anomaly=joined("anomaly", np.bool_),
            reasons=tuple(map(_reasons, joined("reasons", np.int32).tolist())),
            anomaly_score=joined("anomaly_score", np.float32),
            least=joined("least", np.float32),
        )

    def discard(self) -> None:
        """Remove everything, and what held it if nothing else lies there."""
        shutil.rmtree(self._folder, ignore_errors=True)
        with suppress(OSError):
            self._folder.parent.rmdir()

    def _of(self, recording: Recording) -> Path:
        return self._folder / recording.key

    def _chunks(self, recording: Recording) -> list[Path]:
        return sorted(self._of(recording).glob("*.npz"))


def _bits(reasons: Iterable[Reason]) -> int:
    return sum(1 << list(Reason).index(reason) for reason in reasons)


def _reasons(bits: int) -> tuple[Reason, ...]:
    return tuple(reason for place, reason in enumerate(Reason) if bits >> place & 1)


def _loaded(path: Path) -> dict[str, np.ndarray]:
    # Closed at once: a recording of a day has more chunks than a process may have open files.
    with np.load(path) as part:
        return dict(part)
