"""What each person's own baseline is worth: ``python -m training.studies.baseline``.

A logistic regression on each clip's mean voice vector, fitted on all corpora but one and judged on
that one. Every clip, learned from or judged, ends a stream of the same speaker's other clips, which
come as often as emotions in a meeting; its own vectors go through the baseline one by one. Test
people take no part, so that weight and memory may be chosen by the table. Nothing ships.
"""

import argparse
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import numpy as np
from numpy.typing import NDArray
from sklearn.linear_model import LogisticRegression
from sklearn.pipeline import Pipeline, make_pipeline
from sklearn.preprocessing import StandardScaler
from threadpoolctl import threadpool_limits

from hoovik.models.manifest import Encoders
from hoovik.schema.emotion import EMOTIONS
from hoovik.settings import read_settings
from training.build.clips import VoiceClip
from training.build.material import chosen
from training.build.metrics import balanced_accuracy
from training.build.streams import LONGEST, Streams, everybody, heard
from training.config import read_config
from training.corpora.registry import open_corpora
from training.corpora.splitting import split_clips
from training.extraction.cache import EXTRACTION_CACHE
from training.extraction.encoders import EncoderSource
from training.extraction.encoding import Reading
from training.extraction.parallel import extract
from training.splits import Split

PENALTY = 0.003
"""Inverse strength of the logistic regression's penalty: a thousand columns of few speakers."""

AFTER = (0, 10, 40, 150, LONGEST)
"""Vectors of 0.3 s that have been heard before a clip which is judged."""

MEMORY = 600.0
FORGETFUL = (50.0, 150.0)
"""Memories that are tried beside it, with the weight of the plan."""

Rows = NDArray[np.float64]


@dataclass(frozen=True, slots=True)
class Heard:
    """N clips: mean vectors (N, 1024), labels (N,), corpora (N,)."""

    vectors: Rows
    labels: NDArray[np.int64]
    corpora: NDArray[np.str_]


def main() -> None:
    """Read the arguments, and print a line for each baseline and length of a stream."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--config", type=Path, required=True, help="training file")
    parser.add_argument("--data", type=Path, required=True, help="folder of the corpora")
    parser.add_argument("--encoders", type=Path, required=True, help="folder of encoders")
    parser.add_argument("--cache", type=Path, default=EXTRACTION_CACHE, help="of extractions")
    parser.add_argument("--weight", type=float, nargs="*", default=[3.0, 40.0, 10.0], help="to try")
    arguments = parser.parse_args()
    threadpool_limits(1)
    clips = read_voices(arguments.config, arguments.data, arguments.encoders, arguments.cache)
    corpora = sorted({clip.corpus for clip in clips})
    print("weight memory heard", *corpora, "mean", flush=True)
    tried = [(None, 0.0), *((weight, MEMORY) for weight in arguments.weight)]
    tried += [(arguments.weight[-1], memory) for memory in FORGETFUL]
    for weight, memory in tried:
        for after, uars in study(clips, weight, memory):
            shown = [f"{uars[corpus]:.3f}" for corpus in corpora]
            print(weight, memory, after, *shown, f"{np.mean(list(uars.values())):.3f}", flush=True)


def read_voices(config: Path, data: Path, encoders: Path, cache: Path) -> list[VoiceClip]:
    """The labelled voices of a training file, as they are, but for the people of the test."""
    how = read_config(config, data)
    names = Encoders(audio=how.encoders.audio, face=how.encoders.face)
    splits = chosen(split_clips(open_corpora(how.corpora), how.plan.seed), how.plan)
    clips = [
        clip
        for split, own in splits.items()
        for clip in own
        if split is not Split.TEST and clip.modality.has_sound
    ]
    source = EncoderSource.named(encoders, names, read_settings())
    reading = Reading(seed=how.plan.seed, still_readings=how.plan.still_readings)
    voices = map(VoiceClip.of, extract(clips, source, how=reading, folder=cache).extracted)
    return [voice for voice in voices if voice is not None]


def study(
    clips: list[VoiceClip], weight: float | None, memory: float
) -> Iterator[tuple[int | None, dict[str, float]]]:
    """UAR on each corpus by a model of the others; with each of `AFTER`, or None without a baseline.

    Args:
        clips: of several corpora.
        weight: of everybody's mean; None: no baseline.
        memory: of the baseline.
    """
    corpora = sorted({clip.corpus for clip in clips})
    uars: dict[int | None, dict[str, float]] = {}
    for corpus in corpora:
        others = [clip for clip in clips if clip.corpus != corpus]
        own = [clip for clip in clips if clip.corpus == corpus]
        voices = None if weight is None else everybody(others, weight, memory)
        model = _fitted(_heard(others, Streams(others, voices), None))
        streams = Streams(own, voices)
        for after in (None,) if voices is None else AFTER:
            judged = _heard(own, streams, after)
            probs = np.zeros((len(own), len(EMOTIONS)))
            probs[:, model.classes_] = model.predict_proba(judged.vectors)
            uars.setdefault(after, {})[corpus] = balanced_accuracy(probs, judged.labels)
    yield from uars.items()


def _heard(clips: list[VoiceClip], streams: Streams, after: int | None) -> Heard:
    rng = np.random.default_rng(0)
    means = []
    for clip in clips:
        steps = heard(list(clip.steps), streams.before(clip, rng, after=after))
        means.append(np.mean([step for step in steps if step is not None], axis=0))
    return Heard(
        np.array(means),
        np.array([clip.label for clip in clips]),
        np.array([clip.corpus for clip in clips]),
    )


def _fitted(clips: Heard) -> Pipeline:
    _, places, counts = np.unique(clips.corpora, return_inverse=True, return_counts=True)
    # As samples are drawn: a corpus four times as large counts twice as much.
    weights = 1 / np.sqrt(counts)[places]
    regression = LogisticRegression(C=PENALTY, max_iter=300, class_weight="balanced")
    model = make_pipeline(StandardScaler(), regression)
    return model.fit(clips.vectors, clips.labels, logisticregression__sample_weight=weights)


if __name__ == "__main__":
    main()
