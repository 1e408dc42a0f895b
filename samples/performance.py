"""From what is said, and in which mood, to what the face does: one pose a frame."""

from dataclasses import dataclass

import numpy as np
from expression import Pose
from numpy.typing import NDArray

Curve = NDArray[np.float64]

LISTENING = {"smile": 0.2}
MOOD_FACES: dict[str, dict[str, float]] = {
    "calm": {"smile": 0.15, "brow_raise": 0.15},
    "happy": {"smile": 0.95, "brow_raise": 0.35, "pitch": 0.03},
    "angry": {"frown": 1.0, "corners_down": 0.4, "pitch": -0.05, "zoom": 0.02},
    "sad": {"inner_brow_raise": 0.9, "corners_down": 0.85, "pitch": -0.10, "roll": 0.04},
}
EXPRESSION = ("smile", "frown", "brow_raise", "inner_brow_raise", "corners_down")
SWAY = {
    "yaw": 0.07, "pitch": 0.035, "roll": 0.025, "shift_x": 0.05, "shift_y": 0.025, "zoom": 0.012,
}  # fmt: skip
"""Amplitude of the small movements that nobody can suppress."""

ANTICIPATION_S = 0.35
EASE_S = 0.25
BLINK_S = 0.30


@dataclass(frozen=True)
class Passage:
    """A passage of speech and the mood it is said in."""

    start_s: float
    end_s: float
    mood: str


def perform(
    passages: list[Passage], loudness: Curve, fps: int, rng: np.random.Generator
) -> list[Pose]:
    """One pose a frame; ``loudness`` (T,) is the voice's root mean square at each frame."""
    times_s = np.arange(len(loudness)) / fps
    curves = {
        name: np.full(len(times_s), LISTENING.get(name, 0.0)) for name in (*EXPRESSION, *SWAY)
    }
    for passage in passages:
        # The face takes on a mood a little before the voice, and keeps it a little longer.
        there = (times_s >= passage.start_s - ANTICIPATION_S) & (
            times_s < passage.end_s + ANTICIPATION_S
        )
        for name, curve in curves.items():
            curve[there] = MOOD_FACES[passage.mood].get(name, 0.0)
    curves = {name: _ease(curve, EASE_S * fps) for name, curve in curves.items()}
    for name, amplitude in SWAY.items():
        curves[name] += amplitude * _sway(times_s, rng)
    curves["pitch"] -= 0.06 * _ease(loudness / max(loudness.max(), 1e-9), 0.12 * fps)
    curves["zoom"] += 1.0
    curves["jaw_open"] = jaw(loudness, fps)
    curves["blink"] = _blinks(times_s, rng)
    return [
        Pose(**dict(zip(curves, values, strict=True)))
        for values in np.stack(list(curves.values()), -1).tolist()
    ]


def jaw(loudness: Curve, fps: int) -> Curve:
    """Opening of the jaw, 0 to about 0.8, from the loudness of the voice."""
    voiced = loudness[loudness > 10 ** (-50 / 20)]
    if not len(voiced):
        return np.zeros_like(loudness)
    relative = np.clip(loudness / np.quantile(voiced, 0.95), 0, 1)
    return _ease(0.8 * relative**0.8, 0.02 * fps)


def _ease(curve: Curve, sigma_frames: float) -> Curve:
    reach = int(np.ceil(3 * sigma_frames))
    offsets = np.arange(-reach, reach + 1)
    kernel = np.exp(-0.5 * (offsets / max(sigma_frames, 1e-6)) ** 2)
    return np.convolve(np.pad(curve, reach, mode="edge"), kernel / kernel.sum(), mode="valid")


def _sway(times_s: Curve, rng: np.random.Generator) -> Curve:
    """A slow wandering between about -1 and 1."""
    rates_hz = rng.uniform([0.06, 0.17, 0.35], [0.12, 0.28, 0.55])
    phases = rng.uniform(0, 2 * np.pi, 3)
    return np.array([0.55, 0.3, 0.15]) @ np.sin(
        2 * np.pi * rates_hz[:, None] * times_s + phases[:, None]
    )


def _blinks(times_s: Curve, rng: np.random.Generator) -> Curve:
    gaps_s = rng.uniform(2.2, 4.6, int(times_s[-1] / 2.2) + 1)
    distance_s = np.abs(times_s[:, None] - np.cumsum(gaps_s)[None]).min(1)
    return np.clip(1.3 * (1 - distance_s / (BLINK_S / 2)), 0, 1)
