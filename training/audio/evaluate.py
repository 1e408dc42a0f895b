from dataclasses import dataclass

import numpy as np
import torch
from numpy.typing import NDArray
from sklearn.metrics import balanced_accuracy_score
from torch import nn


@dataclass(frozen=True, slots=True)
class WindowSet:
    """The speech windows of one split.

    Attributes:
        windows: (N, 9600) float32.
        labels: (N,) int64, index into EMOTIONS.
        clips: (N,) int64, which clip a window is from.
    """

    windows: NDArray[np.float32]
    labels: NDArray[np.int64]
    clips: NDArray[np.int64]


@dataclass(frozen=True, slots=True)
class Recall:
    """Unweighted average recall (UAR) of one window, and of the mean over a clip's windows."""

    window_uar: float
    n_windows: int
    clip_uar: float
    n_clips: int

    def figures(self) -> dict[str, float]:
        """The figures, ready for JSON."""
        return {
            "window_uar": round(self.window_uar, 4),
            "n_windows": self.n_windows,
            "clip_uar": round(self.clip_uar, 4),
            "n_clips": self.n_clips,
        }

    def __str__(self) -> str:
        return (
            f"window UAR {self.window_uar:.3f} (n = {self.n_windows}), "
            f"clip UAR {self.clip_uar:.3f} (n = {self.n_clips})"
        )


def recall(classifier: nn.Module, held_out: WindowSet, batch: int = 128) -> Recall:
    """Judge a classifier of (N, 9600) windows; a clip is the mean of its log-probabilities."""
    classifier.eval()
    with torch.inference_mode():
        scores = np.concatenate(
            [
                classifier(torch.from_numpy(held_out.windows[start : start + batch]))
                .log_softmax(dim=1)
                .numpy()
                for start in range(0, len(held_out.windows), batch)
            ]
        )
    _, first, clip = np.unique(held_out.clips, return_index=True, return_inverse=True)
    by_clip = np.zeros((first.size, scores.shape[1]))
    np.add.at(by_clip, clip, scores)
    return Recall(
        float(balanced_accuracy_score(held_out.labels, scores.argmax(axis=1))),
        len(scores),
        float(balanced_accuracy_score(held_out.labels[first], by_clip.argmax(axis=1))),
        first.size,
    )
