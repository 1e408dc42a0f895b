"""Recordings to steps: the windows of every tick of a clip, and the embeddings of those that speak."""

import zlib
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from hoovik.audio.encoder import AudioEncoder
from hoovik.audio.vad import VoiceDetector
from hoovik.audio.windows import window_centres_s
from hoovik.layout import AUDIO_DIM
from hoovik.settings import AudioSettings, SessionSettings
from training.audio.recordings import Recording, find_recordings, speech_windows
from training.build.cache import Arrays, cached
from training.build.leaks import check_disjoint
from training.build.plan import Plan
from training.build.takes import LADDER, roughen_alike, take
from training.splits import Split


@dataclass(frozen=True, slots=True)
class VoiceClip:
    """One take of one recording, as the ticks of a live session would see it.

    Attributes:
        speaker: corpus and number.
        corpus: "ravdess" or "emodb".
        label: index into EMOTIONS.
        split: what its speaker is for.
        steps: for each tick of the clip the embedding (1024,) float32, None where it has no speech.
    """

    speaker: str
    corpus: str
    label: int
    split: Split
    steps: tuple[NDArray[np.float32] | None, ...]

    @property
    def spoken(self) -> NDArray[np.intp]:
        """The ticks whose window holds speech, ascending."""
        return np.flatnonzero([step is not None for step in self.steps])


def load_voices(data: Path, encoder: AudioEncoder, digest: str, plan: Plan) -> list[VoiceClip]:
    """Every clip that holds speech: several takes of training clips, the others as they are.

    Args:
        data: folder of ravdess/ and emodb/.
        encoder: makes the embeddings.
        digest: of the encoder's weights, for the cache.
        plan: how many takes and clips, and the seed.

    Raises:
        LeakError: a speaker in two splits.
    """
    recordings = _chosen(find_recordings(data), plan)
    check_disjoint({split: _speakers(recordings, split) for split in Split})
    jobs = [
        (recording, number)
        for recording in recordings
        for number in range(plan.takes if recording.split is Split.TRAIN else 1)
    ]
    key = {
        "encoder": digest,
        "seed": plan.seed,
        "ladder": repr(LADDER),
        "jobs": [f"{recording.path.stem}:{number}" for recording, number in jobs],
    }
    arrays = cached("voices", key, lambda: _encode(jobs, encoder, plan.seed))
    return list(_clips(jobs, arrays))


def _chosen(recordings: list[Recording], plan: Plan) -> list[Recording]:
    counts: dict[tuple[str, int, int], int] = {}
    chosen = []
    for recording in recordings:
        group = (recording.corpus, recording.speaker, recording.label)
        counts[group] = counts.get(group, 0) + 1
        if plan.clips_per_group is None or counts[group] <= plan.clips_per_group:
            chosen.append(recording)
    return chosen


def _speakers(recordings: list[Recording], split: Split) -> list[str]:
    return [f"{one.corpus}-{one.speaker:02d}" for one in recordings if one.split is split]


def _encode(jobs: list[tuple[Recording, int]], encoder: AudioEncoder, seed: int) -> Arrays:
    settings, hop_s = AudioSettings(), SessionSettings().tick_s
    detector = VoiceDetector(settings.vad_aggressiveness, settings.min_speech)
    embeddings, spoken = [np.empty((0, AUDIO_DIM), np.float32)], []
    for recording, number in jobs:
        samples = recording.samples()
        rng = np.random.default_rng([seed, number, zlib.crc32(recording.path.stem.encode())])
        how = LADDER[number] if recording.split is Split.TRAIN else None
        if recording.split is Split.TRAIN:
            samples = take(samples, how, rng)
        centres_s, windows = speech_windows(samples, detector, hop_s)
        if how is not None:
            windows = roughen_alike(windows, how, rng)
        spoken.append(np.isin(window_centres_s(samples.size, hop_s), centres_s))
        embeddings.append(encoder.encode(windows))
    return {
        "embeddings": np.concatenate(embeddings),
        "spoken": np.concatenate(spoken),
        "ticks": np.array([len(one) for one in spoken]),
    }


def _clips(jobs: list[tuple[Recording, int]], arrays: Arrays) -> Iterator[VoiceClip]:
    embeddings = iter(arrays["embeddings"])
    by_clip = np.split(arrays["spoken"], np.cumsum(arrays["ticks"])[:-1])
    for (recording, _), spoken in zip(jobs, by_clip, strict=True):
        if spoken.any():
            yield VoiceClip(
                f"{recording.corpus}-{recording.speaker:02d}",
                recording.corpus,
                recording.label,
                recording.split,
                tuple(next(embeddings) if one else None for one in spoken),
            )
