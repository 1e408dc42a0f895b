"""Fitting of the embedded audio encoder, and what it is worth on the test speakers."""

from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

import numpy as np

from hoovik.audio.encoder import WEIGHTS_FILE
from hoovik.audio.vad import VoiceDetector
from hoovik.audio.windows import windows_at
from hoovik.layout import TICK_S
from hoovik.settings import AudioSettings
from hoovik.weights import save_network
from training.audio.evaluate import WindowSet, recall
from training.audio.fit import FitSettings, TrainingClip, fit
from training.corpora.clip import Clip
from training.corpora.decoding import samples
from training.extraction.hearing import speech_centres_s
from training.splits import Split

TRAIN_HOP_S = 0.05


def fit_audio_encoder(
    splits: Mapping[Split, Sequence[Clip]], folder: Path, how: FitSettings, seed: int
) -> dict[str, Any]:
    """Train the encoder, write its weights, and judge it on the test speakers.

    Args:
        splits: clips of each split; those without sound or without one of our labels do not count.
        folder: for the weights.
        how: amounts.
        seed: of the weights and of everything drawn.

    Returns:
        Unweighted average recall of the encoder under a linear layer, on the test speakers of each
        corpus and on all, ready for JSON.
    """
    settings = AudioSettings()
    detector = VoiceDetector(settings.vad_aggressiveness, settings.min_speech)
    voices = {
        split: [clip for clip in clips if clip.modality.has_sound and clip.label is not None]
        for split, clips in splits.items()
    }
    clips = list(_training_clips(voices[Split.TRAIN], detector))
    validation = _windows(voices[Split.VALIDATION], detector)
    print(f"{len(clips)} training clips, {len(validation.windows)} validation windows", flush=True)
    classifier = fit(clips, validation, how, seed)
    save_network(classifier.encoder, folder / WEIGHTS_FILE)

    # The figures are those of what ships, rounded as the file rounds.
    for tensor in classifier.encoder.state_dict().values():
        if tensor.is_floating_point():
            tensor.copy_(tensor.half())
    test = voices[Split.TEST]
    figures: dict[str, Any] = recall(classifier, _windows(test, detector)).figures()
    figures["validation"] = recall(classifier, validation).figures()
    figures["by_corpus"] = {
        corpus: recall(
            classifier, _windows([clip for clip in test if clip.corpus == corpus], detector)
        ).figures()
        for corpus in sorted({clip.corpus for clip in test})
    }
    print(figures, flush=True)
    return figures


def _training_clips(clips: Sequence[Clip], detector: VoiceDetector) -> list[TrainingClip]:
    found = []
    for clip in clips:
        sound = samples(clip)
        centres_s = speech_centres_s(sound, detector, TRAIN_HOP_S)
        if centres_s.size:
            found.append(TrainingClip(sound, int(clip.label or 0), clip.corpus, centres_s))
    return found


def _windows(clips: Sequence[Clip], detector: VoiceDetector) -> WindowSet:
    sounds = [samples(clip) for clip in clips]
    windows = [windows_at(sound, speech_centres_s(sound, detector, TICK_S)) for sound in sounds]
    counts = [len(part) for part in windows]
    labels = np.repeat([int(clip.label or 0) for clip in clips], counts)
    return WindowSet(np.concatenate(windows), labels, np.repeat(np.arange(len(counts)), counts))
