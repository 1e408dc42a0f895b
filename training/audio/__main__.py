"""Train the embedded audio encoder: ``python -m training.audio --data PATH --out DIR``."""

import argparse
from dataclasses import replace
from pathlib import Path

import numpy as np
import torch

from hoovik.audio.loading import WEIGHTS_FILE
from hoovik.audio.network import SpeechNet
from hoovik.audio.vad import VoiceDetector
from hoovik.settings import AudioSettings, SessionSettings
from hoovik.weights import save_network
from training.audio.evaluate import WindowSet, recall
from training.audio.fit import Clip, FitSettings, fit
from training.audio.recordings import Recording, find_recordings, speech_windows
from training.splits import Split

TRAIN_HOP_S = 0.05


def main() -> None:
    """Read the corpora, train, write the weights, and judge them on the test speakers."""
    defaults = FitSettings()
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--data", type=Path, required=True, help="folder of ravdess/ and emodb/")
    parser.add_argument("--out", type=Path, required=True, help=f"folder for {WEIGHTS_FILE}")
    parser.add_argument("--epochs", type=int, default=defaults.epochs)
    parser.add_argument("--seed", type=int, default=defaults.seed)
    parser.add_argument("--threads", type=int, default=1)
    arguments = parser.parse_args()
    torch.set_num_threads(arguments.threads)

    settings = AudioSettings()
    detector = VoiceDetector(settings.vad_aggressiveness, settings.min_speech)
    recordings = find_recordings(arguments.data)
    clips = _clips(_of(recordings, Split.TRAIN), detector)
    validation = _windows(_of(recordings, Split.VALIDATION), detector)
    print(f"{len(clips)} training clips, {len(validation.windows)} validation windows", flush=True)

    classifier = fit(
        clips, validation, replace(defaults, epochs=arguments.epochs, seed=arguments.seed)
    )
    print(f"kept: validation {recall(classifier, validation)}")
    arguments.out.mkdir(parents=True, exist_ok=True)
    save_network(classifier.encoder, arguments.out / WEIGHTS_FILE)

    _as_stored(classifier.encoder)
    for corpus in ("ravdess", "emodb"):
        held_out = [one for one in _of(recordings, Split.TEST) if one.corpus == corpus]
        print(f"test {corpus}: {recall(classifier, _windows(held_out, detector))}")
    print(f"test: {recall(classifier, _windows(_of(recordings, Split.TEST), detector))}")


def _of(recordings: list[Recording], split: Split) -> list[Recording]:
    return [one for one in recordings if one.split is split]


def _clips(recordings: list[Recording], detector: VoiceDetector) -> list[Clip]:
    clips = []
    for recording in recordings:
        samples = recording.samples()
        centres_s, _ = speech_windows(samples, detector, TRAIN_HOP_S)
        if centres_s.size:
            clips.append(Clip(samples, recording.label, centres_s))
    return clips


def _windows(recordings: list[Recording], detector: VoiceDetector) -> WindowSet:
    hop_s = SessionSettings().tick_s
    windows = [speech_windows(one.samples(), detector, hop_s)[1] for one in recordings]
    counts = [len(part) for part in windows]
    labels = np.repeat([one.label for one in recordings], counts)
    return WindowSet(np.concatenate(windows), labels, np.repeat(np.arange(len(counts)), counts))


def _as_stored(network: SpeechNet) -> None:
    """Round the weights as the file does, so that the figures are those of what ships."""
    for tensor in network.state_dict().values():
        if tensor.is_floating_point():
            tensor.copy_(tensor.half())


if __name__ == "__main__":
    main()
