"""Whether what goes wrong in a meeting is noticed: corrupted clips, judged tick by tick."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from typing import Any

import numpy as np
from numpy.typing import NDArray

from hoovik.schema.emotion import EMOTIONS
from training.build.streams import Streams
from training.evaluation.corrupting import FACE_CORRUPTIONS, VOICE_CORRUPTIONS, Corruption
from training.evaluation.figures import rounded, score_histogram
from training.evaluation.prediction import BundleModels
from training.evaluation.subjects import Judged, seeded
from training.evaluation.ticks import Subject, Tick
from training.extraction.encoders import Encoders
from training.extraction.encoding import Extracted, Reading


@dataclass
class Corruptor:
    """Corrupts clips, each in each way once, however many profiles are judged on it."""

    encoders: Encoders
    how: Reading
    streams: Streams

    def __post_init__(self) -> None:
        self._done: dict[tuple[str, str], Extracted] = {}

    def __call__(self, name: str, corruption: Corruption, one: Extracted) -> Extracted:
        """What is read of a clip under a corruption of that name."""
        key = name, one.clip.reference
        if key not in self._done:
            rng = seeded(one.clip, self.how.seed, name)
            done = corruption(one, self.encoders, self.how, rng)
            # What was heard of a clip whose face alone is corrupted has been through its stream.
            if done.audio is not one.audio:
                done = self.streams.heard(done, self.how.seed)
            self._done[key] = done
        return self._done[key]


def corruption_figures(
    judged: Judged, models: BundleModels, corruptor: Corruptor, cap: int
) -> dict[str, dict[str, Any]]:
    """How much of each corruption is caught, on the ticks at which the clean clips have a result.

    A tick is withheld where a corrupted modality is no longer live, so that there is no result or
    one that rests on the other modality alone; flagged where the anomaly gate says so. Shares are
    means over clips. `flagged_clean` is what the gate says of the same clips as they are: a gate
    that flags everything catches everything.

    Args:
        judged: of one profile.
        models: of the bundle.
        corruptor: with the encoders that the bundle was trained on.
        cap: clips of each corruption at most.
    """
    subjects = stratified(judged.subjects, cap, corruptor.how.seed)
    clean = _caught([list(subject.ticks) for subject in subjects], models)
    figures = {}
    for name, corruption, of_voice in _ways(judged):
        results = [
            [_corrupted(tick, name, corruption, corruptor, of_voice) for tick in subject.ticks]
            for subject in subjects
        ]
        heading = f"{name} in both" if judged.pairs else name
        figures[heading] = {
            "profile": judged.profile.value,
            **_caught(results, models),
            "flagged_clean": clean["flagged"],
        }
    return figures


def stratified(subjects: Sequence[Subject], cap: int, seed: int) -> list[Subject]:
    """At most `cap` subjects, the classes as evenly as they allow, drawn by seed."""
    drawn = {
        label: sorted(
            (one for one in subjects if one.label == label),
            key=lambda one: seeded(one.clip, seed, "corrupted").random(),
        )
        for label in range(len(EMOTIONS))
    }
    rounds = max(map(len, drawn.values()), default=0)
    in_turn = [own[place] for place in range(rounds) for own in drawn.values() if place < len(own)]
    return in_turn[:cap]


def _ways(judged: Judged) -> Iterator[tuple[str, Corruption, bool]]:
    if judged.profile.has_audio:
        yield from ((name, corruption, True) for name, corruption in VOICE_CORRUPTIONS.items())
    if judged.profile.has_face:
        yield from ((name, corruption, False) for name, corruption in FACE_CORRUPTIONS.items())


def _corrupted(
    tick: Tick, name: str, corruption: Corruption, corruptor: Corruptor, of_voice: bool
) -> Tick:
    if of_voice and tick.voice is not None:
        return replace(tick, voice=corruptor(name, corruption, tick.voice))
    if tick.face is None:
        raise ValueError(f"{name} of a tick without a face; one expected")
    return replace(tick, face=corruptor(name, corruption, tick.face))


def _caught(results: list[list[Tick]], models: BundleModels) -> dict[str, Any]:
    kept = [[tick for tick in ticks if tick.has_result()] for ticks in results]
    said = models.predict([tick for ticks in kept for tick in ticks])
    flags = np.split(said.anomaly, np.cumsum([len(ticks) for ticks in kept])[:-1])
    withheld = [1 - len(own) / len(ticks) for own, ticks in zip(kept, results, strict=True)]
    flagged = [own.sum() / len(ticks) for own, ticks in zip(flags, results, strict=True)]
    return {
        "n": len(results),
        "caught": _mean(np.add(withheld, flagged)),
        "withheld": _mean(withheld),
        "flagged": _mean(flagged),
        "anomaly_scores": score_histogram(said),
    }


def _mean(shares: Sequence[float] | NDArray[np.floating]) -> float | None:
    return rounded(np.mean(shares)) if len(shares) else None
