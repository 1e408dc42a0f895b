"""Figures of an evaluation, as `hoovik evaluate` writes them, counted from drawn probabilities."""

from typing import Any

import numpy as np

from hoovik.schema.emotion import EMOTIONS, MEETING_PRIOR, Profile
from training.build.metrics import accuracy, balanced_accuracy, recalls
from training.build.probabilities import NATURAL

BINS = 15


def evaluated(*, pairs: str = "by label", n: int = 600, seed: int = 0) -> dict[str, Any]:
    rng = np.random.default_rng(seed)
    profiles = {
        profile.value: _profile(rng, n, skill)
        for profile, skill in zip(Profile, (2.4, 1.8, 0.7), strict=True)
    }
    profiles["both"]["pairs"] = pairs
    corrupted = {
        name: {
            "profile": profile,
            "n": 150,
            "caught": caught,
            "withheld": withheld,
            "flagged": flagged,
            "by_forest": flagged / 2,
            "reasons": {"too_short": 0.1, "noisy": flagged},
            "clean": 0.08,
            "caught_minus_clean": caught - 0.08,
            "anomaly_scores": _histogram(rng.beta(0.3, 4, 150)),
        }
        for name, profile, caught, withheld, flagged in (
            ("silence", "audio_only", 1.0, 1.0, 0.0),
            ("noise at 0 dB", "audio_only", 0.52, 0.12, 0.41),
            ("shuffled landmarks", "video_only", 0.87, 0.0, 0.87),
        )
    }
    return {
        "bundle": "1.0.0+0123abcd",
        "priors": {
            name: dict(zip(EMOTIONS, prior, strict=True))
            for name, prior in (("calibrated", NATURAL), ("told", MEETING_PRIOR))
        },
        "profiles": profiles,
        "corruptions": corrupted,
        "caught_mean": 0.797,
        "caught_minus_clean_mean": 0.717,
        "left_out": {"ravdess": 832},
        "unlabelled": {"fer2013": 31},
        "unreadable": [{"clip": "emodb:16a02Wb.opus", "reason": "no sound in it"}],
        "without_result": {"video_only": 12},
    }


def learned() -> list[dict[str, Any]]:
    """Curves of three phases, of which the second ended early."""
    curves = []
    for phase, first, last in (("A", 1, 15), ("B", 16, 41), ("C", 56, 70)):
        for epoch in range(first, last + 1):
            names = ["both"] if phase == "A" else [profile.value for profile in Profile]
            nll = {name: 0.7 + 0.3 * place + 0.8 / epoch for place, name in enumerate(names)}
            curves.append(
                {
                    "epoch": epoch,
                    "phase": phase,
                    "loss": 0.9 + 1.6 / epoch,
                    "nll": nll,
                    "uar": {name: 0.95 - 0.35 * value for name, value in nll.items()},
                }
            )
    return curves


def _profile(rng: np.random.Generator, n: int, skill: float) -> dict[str, Any]:
    labels = rng.integers(0, len(EMOTIONS), n)
    logits = rng.normal(size=(n, len(EMOTIONS))) + skill * np.eye(len(EMOTIONS))[labels]
    probs = _softmax(logits * skill)
    uncalibrated = _softmax(logits * skill * 2.5)
    uar = balanced_accuracy(probs, labels)
    confusion = np.zeros((6, 6), int)
    np.add.at(confusion, (labels, probs.argmax(axis=1)), 1)
    part = {"n": n // 2, "accuracy": 0.61, "uar": 0.6}
    scores = {"nll": 0.9, "brier": 0.45}
    return {
        "n": n,
        "speakers": 6,
        "ticks": 4 * n,
        "by_tick": {
            "n": 4 * n,
            "uar": 0.55,
            **{"ece": 0.031, **scores},
            "uncalibrated": {"uar": 0.55, "ece": 0.111, **scores},
        },
        "accuracy": accuracy(probs, labels),
        "uar": uar,
        "uar_ci": [uar - 0.05, uar + 0.05],
        "recall": dict(zip(EMOTIONS, map(float, recalls(probs, labels)), strict=True)),
        "confusion": confusion.tolist(),
        "ece": 0.041,
        **scores,
        "uncalibrated": {
            "ece": 0.131,
            "uar": uar,
            "nll": 1.1,
            "brier": 0.5,
            "reliability": _reliability(uncalibrated, labels),
        },
        "aurc": 0.21,
        "aurc_ci": [0.17, 0.26],
        "risk_coverage": [
            {"coverage": round(0.1 * place, 1), "risk": 0.03 * place} for place in range(1, 11)
        ],
        "class_ece": {emotion: {"value": 0.034, "ci": [0.021, 0.055]} for emotion in EMOTIONS},
        "told": {
            "accuracy": 0.713,
            "uar": 0.512,
            "uncertain": 0.374,
            "coverage": 0.908,
            "accuracy_certain": 0.865,
            "uar_certain": 0.641,
            "flagged": 0.092,
            "flagged_right": 0.041,
            "flagged_wrong": 0.051,
            "passed_right": 0.672,
            "passed_wrong": 0.236,
            "by_speaker": {
                "speakers": 6,
                "coverage_mean": 0.893,
                "coverage_worst": {"n": 11, "coverage": 0.737},
                "worst": {"n": 9, "accuracy": 0.488, "uar": 0.561},
            },
        },
        "anomaly_rate": 0.11,
        "by_corpus": {"ravdess": part, "emodb": part},
        "by_sex": {"female": part, "male": part},
        "ablations": {
            "transformer": {"uar": uar - 0.02, "ece": 0.06, **scores},
            "trees": {"uar": uar - 0.03, "ece": 0.05, **scores},
            "linear": {"uar": uar - 0.01, "ece": 0.04, **scores},
        },
        "reliability": _reliability(probs, labels),
        "anomaly_scores": {**_histogram(rng.uniform(0, 1, 4 * n)), "threshold": 0.1},
    }


def _softmax(logits: np.ndarray) -> np.ndarray:
    powers = np.exp(logits - logits.max(axis=1, keepdims=True))
    return powers / powers.sum(axis=1, keepdims=True)


def _reliability(probs: np.ndarray, labels: np.ndarray) -> list[dict[str, Any]]:
    confidences, right = probs.max(axis=1), probs.argmax(axis=1) == labels
    places = np.minimum((confidences * BINS).astype(int), BINS - 1)
    return [
        {
            "confidence": float(confidences[own].mean()) if own.any() else None,
            "accuracy": float(right[own].mean()) if own.any() else None,
            "n": int(own.sum()),
        }
        for own in (places == place for place in range(BINS))
    ]


def _histogram(scores: np.ndarray) -> dict[str, Any]:
    counts, edges = np.histogram(scores, 50, (0, 1))
    return {"edges": edges.tolist(), "counts": counts.tolist()}
