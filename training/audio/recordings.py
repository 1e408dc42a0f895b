from dataclasses import dataclass
from pathlib import Path

import numpy as np
import soundfile
from numpy.typing import NDArray

from hoovik.audio.vad import VoiceDetector
from hoovik.audio.windows import window_centres_s, windows_at
from hoovik.layout import SAMPLE_RATE
from hoovik.schema.emotion import EMOTIONS
from training.splits import Split, emodb_split, ravdess_split

RAVDESS_CODES = {
    "01": "neutral/calm",
    "02": "neutral/calm",
    "03": "happy",
    "04": "sad",
    "05": "angry",
    "06": "fearful",
    "07": "disgust",
}
EMODB_LETTERS = {
    "W": "angry",
    "A": "fearful",
    "E": "disgust",
    "F": "happy",
    "T": "sad",
    "N": "neutral/calm",
}


@dataclass(frozen=True, slots=True)
class Recording:
    """One acted clip.

    Attributes:
        path: an Ogg Opus file, 16 kHz mono.
        corpus: "ravdess" or "emodb".
        speaker: number within the corpus.
        label: index into EMOTIONS of the intended emotion.
        split: what its speaker is for.
    """

    path: Path
    corpus: str
    speaker: int
    label: int
    split: Split

    def samples(self) -> NDArray[np.float32]:
        """(n,) float32 at 16 kHz."""
        samples, rate = soundfile.read(self.path, dtype="float32")
        if rate != SAMPLE_RATE:
            raise ValueError(f"{self.path} is at {rate} Hz; {SAMPLE_RATE} expected")
        return np.asarray(samples, np.float32)


def find_recordings(data: Path) -> list[Recording]:
    """All clips of both corpora under a data folder, in order of their names."""
    ravdess = [_ravdess(path) for path in sorted(data.glob("ravdess/Actor_*/*.opus"))]
    emodb = [_emodb(path) for path in sorted(data.glob("emodb/*.opus"))]
    if not ravdess or not emodb:
        raise FileNotFoundError(f"no ravdess/Actor_*/*.opus or no emodb/*.opus under {data}")
    return ravdess + emodb


def speech_windows(
    samples: NDArray[np.float32], detector: VoiceDetector, hop_s: float
) -> tuple[NDArray[np.float64], NDArray[np.float32]]:
    """Windows of a clip that hold speech, as live would judge them.

    Returns:
        Their centres (k,) in seconds and the windows (k, 9600).
    """
    centres_s = window_centres_s(samples.size, hop_s)
    windows = windows_at(samples, centres_s)
    spoken = np.array([detector.is_speech(window) for window in windows], bool)
    return centres_s[spoken], windows[spoken]


def _ravdess(path: Path) -> Recording:
    fields = path.stem.split("-")
    actor = int(fields[6])
    label = EMOTIONS.index(RAVDESS_CODES[fields[2]])
    return Recording(path, "ravdess", actor, label, ravdess_split(actor))


def _emodb(path: Path) -> Recording:
    speaker = int(path.stem[:2])
    label = EMOTIONS.index(EMODB_LETTERS[path.stem[5]])
    return Recording(path, "emodb", speaker, label, emodb_split(speaker))
