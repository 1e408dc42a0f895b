"""What was extracted, on disk: one file for each take of each clip, so that nothing is done twice."""

import hashlib
import json
import os
import zipfile
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path
from typing import Any

import numpy as np

from hoovik.layout import AUDIO_DIM, EXPRESSION_DIM, FACE_DIM, TICK_S
from training.corpora.clip import Clip, Modality
from training.extraction.encoders import EncoderSource
from training.extraction.encoding import Extracted, Reading
from training.extraction.seeing import BORDER, NOISE_LEVELS, SIDE_PX, TRACK_SCALE, TRACK_SHIFT
from training.extraction.takes import LADDER

EXTRACTION_CACHE = Path("out/training-cache")

METHOD = 1
"""Counts the ways of reading; a change of one makes what another left behind absent."""

_FIELDS = {
    "audio": np.float32,
    "audio_ticks": np.int64,
    "face": np.float32,
    "face_s": np.float64,
    "counts": np.int64,
}


@dataclass(frozen=True)
class ExtractionCache:
    """The folder of one way of reading with one pair of encoders.

    Args:
        folder: holds the files.
        source: of the encoders, whose weights are part of every key.
        how: of the reading, likewise.
    """

    folder: Path
    source: EncoderSource
    how: Reading

    def path(self, clip: Clip, take: int) -> Path:
        """File of one take: named by the clip's content and by all that its reading depends on.

        An encoder and settings that a modality has no use for are no part of it.
        """
        key: dict[str, Any] = {
            "method": METHOD,
            "content": clip.digest(),
            "modality": clip.modality,
            "tick_s": TICK_S,
            "take": take,
            "seed": self.how.seed,
        }
        if clip.modality.has_sound:
            key["audio"] = [self._audio, repr(LADDER[take])]
        if clip.modality.has_pictures:
            key["face"] = self._face
            shown = [SIDE_PX, BORDER, TRACK_SHIFT, TRACK_SCALE, NOISE_LEVELS]
            still = [self.how.still_readings, *shown]
            key["looks"] = still if clip.modality is Modality.STILL else self.how.fps
        name = hashlib.sha256(json.dumps(key, sort_keys=True).encode()).hexdigest()[:32]
        return self.folder / "clips" / name[:2] / f"{name}.npz"

    def get(self, clip: Clip, take: int) -> Extracted | None:
        """One take of a clip; None where it is absent, which a damaged file counts as."""
        try:
            with np.load(self.path(clip, take), allow_pickle=False) as stored:
                arrays = {field: stored[field] for field in _FIELDS}
                shown = np.zeros((len(arrays["face"]), EXPRESSION_DIM), np.float32)
                arrays["expression"] = stored.get("expression", shown)
        except (OSError, ValueError, KeyError, EOFError, zipfile.BadZipFile):
            return None
        n_audio, n_face = len(arrays["audio_ticks"]), len(arrays["face_s"])
        fits = (
            all(arrays[field].dtype == dtype for field, dtype in _FIELDS.items())
            and arrays["audio"].shape == (n_audio, AUDIO_DIM)
            and arrays["face"].shape == (n_face, FACE_DIM)
            and arrays["expression"].shape == (n_face, EXPRESSION_DIM)
            and arrays["counts"].shape == (2,)
        )
        if not fits:
            return None
        n_ticks, n_frames = arrays.pop("counts").tolist()
        return Extracted(clip, n_ticks, n_frames=n_frames, take=take, **arrays)

    def put(self, extracted: Extracted) -> None:
        """Store one take, whole or not at all."""
        path = self.path(extracted.clip, extracted.take)
        path.parent.mkdir(parents=True, exist_ok=True)
        partial = path.with_suffix(f".{os.getpid()}.partial")
        with partial.open("wb") as opened:
            np.savez(
                opened,
                audio=extracted.audio.astype(np.float32, copy=False),
                audio_ticks=extracted.audio_ticks,
                face=extracted.face.astype(np.float32, copy=False),
                expression=extracted.expression.astype(np.float32, copy=False),
                face_s=extracted.face_s,
                counts=np.array([extracted.n_ticks, extracted.n_frames], np.int64),
            )
        partial.replace(path)

    @cached_property
    def _audio(self) -> str:
        return self.source.audio_digest()

    @cached_property
    def _face(self) -> str:
        return self.source.face_digest()
