"""How good the networks are, on faces of persons they never saw."""

from dataclasses import dataclass
from typing import Any

import numpy as np
import torch
from numpy.typing import NDArray

from hoovik.face.detector import find_faces
from hoovik.face.layout import BLENDSHAPE_NAMES, LANDMARK_IDS, LEFT_EYE_CORNER, RIGHT_EYE_CORNER
from hoovik.face.network import DetectorNet
from hoovik.face.student import LEAST_PRESENCE
from hoovik.face.student_network import StudentNet
from training.face.scenes import Scene
from training.face.views import View

REGIONS = {
    "oval": slice(0, LANDMARK_IDS.index(33)),
    "eyes": slice(LANDMARK_IDS.index(33), LANDMARK_IDS.index(70)),
    "brows": slice(LANDMARK_IDS.index(70), LANDMARK_IDS.index(1)),
    "nose": slice(LANDMARK_IDS.index(1), LANDMARK_IDS.index(61)),
    "mouth": slice(LANDMARK_IDS.index(61), LANDMARK_IDS.index(116)),
    "cheeks and forehead": slice(LANDMARK_IDS.index(116), len(LANDMARK_IDS)),
}
STILL = 0.005
"""Standard deviation below which a blendshape hardly moves, and correlation says nothing."""
SAME_PLACE = 0.4
"""Intersection over union of two squares above which they are on one face."""


@dataclass(frozen=True, slots=True)
class StudentScore:
    """Agreement of the student with its teacher.

    Attributes:
        error: mean distance of landmarks in inter-ocular distances, by region.
        mean_error: over all landmarks.
        correlation: (51,) of the blendshapes; NaN where the teacher's hardly moves.
        pose_error_deg, pose_correlation: (3,) of pitch, yaw, roll.
        recall: share of faces taken for one, of `n_faces`.
        false_positives: share of views without a face taken for one, of `n_faceless`.
    """

    error: dict[str, float]
    mean_error: float
    correlation: NDArray[np.float64]
    pose_error_deg: NDArray[np.float64]
    pose_correlation: NDArray[np.float64]
    recall: float
    n_faces: int
    false_positives: float
    n_faceless: int

    def __str__(self) -> str:
        pose = ", ".join(
            f"{name} {error:.1f} deg (r {r:.2f})"
            for name, error, r in zip(
                ("pitch", "yaw", "roll"), self.pose_error_deg, self.pose_correlation, strict=True
            )
        )
        return (
            f"landmarks {self.mean_error:.4f} of the inter-ocular distance, blendshapes r "
            f"{np.nanmean(self.correlation):.3f}, median {np.nanmedian(self.correlation):.3f} "
            f"({np.isfinite(self.correlation).sum()} moving), "
            f"{pose}, faces kept {self.recall:.4f} (n = {self.n_faces}), "
            f"no faces kept {self.false_positives:.4f} (n = {self.n_faceless})"
        )

    def figures(self) -> dict[str, Any]:
        """The figures, ready for JSON."""
        return {
            "landmark_error": round(self.mean_error, 4),
            "landmark_error_by_region": {
                name: round(error, 4) for name, error in self.error.items()
            },
            "blendshape_correlation_mean": round(float(np.nanmean(self.correlation)), 3),
            "blendshape_correlation_median": round(float(np.nanmedian(self.correlation)), 3),
            "blendshape_correlation": {
                name: None if np.isnan(r) else round(float(r), 3)
                for name, r in zip(BLENDSHAPE_NAMES, self.correlation, strict=True)
            },
            "pose_error_deg": {
                name: round(float(error), 2)
                for name, error in zip(("pitch", "yaw", "roll"), self.pose_error_deg, strict=True)
            },
            "faces_kept": round(self.recall, 4),
            "n_faces": self.n_faces,
            "no_faces_kept": round(self.false_positives, 4),
            "n_faceless": self.n_faceless,
        }

    def details(self) -> str:
        """Landmarks by region and blendshapes one by one."""
        regions = ", ".join(f"{name} {error:.4f}" for name, error in self.error.items())
        shapes = ", ".join(
            f"{name} {r:.2f}" for name, r in zip(BLENDSHAPE_NAMES, self.correlation, strict=True)
        )
        return f"landmarks by region: {regions}\nblendshapes by name: {shapes}"


def judge_student(network: StudentNet, views: list[View]) -> StudentScore:
    """Judge a student on views, of which some must have a face and some none."""
    with torch.inference_mode():
        crops = torch.from_numpy(np.stack([view.crop for view in views])).float()
        answers = [network(part) for part in crops.split(256)]
    points, blendshapes, pose, presence, _ = (
        torch.cat(part).numpy() for part in zip(*answers, strict=True)
    )
    faces = np.array([view.present > 0 for view in views])
    kept = 1 / (1 + np.exp(-presence)) >= LEAST_PRESENCE
    true = [view for view in views if view.present]
    true_points = np.stack([view.points for view in true])
    eyes = true_points[:, LEFT_EYE_CORNER] - true_points[:, RIGHT_EYE_CORNER]
    error = np.linalg.norm(points[faces] - true_points, axis=2)
    error /= np.linalg.norm(eyes, axis=1)[:, None]
    true_blendshapes = np.stack([view.blendshapes for view in true])
    true_pose = np.stack([view.pose for view in true])
    return StudentScore(
        {name: float(error[:, region].mean()) for name, region in REGIONS.items()},
        float(error.mean()),
        correlations(1 / (1 + np.exp(-blendshapes[faces])), true_blendshapes),
        np.degrees(np.abs(pose[faces] - true_pose).mean(axis=0)),
        correlations(pose[faces], true_pose),
        float(kept[faces].mean()),
        int(faces.sum()),
        float(kept[~faces].mean()),
        int((~faces).sum()),
    )


def correlations(
    student: NDArray[np.floating], teacher: NDArray[np.floating]
) -> NDArray[np.float64]:
    """Pearson's r by column of (N, k) and (N, k); NaN where the teacher's hardly moves."""
    one = student - student.mean(axis=0, dtype=np.float64)
    other = teacher - teacher.mean(axis=0, dtype=np.float64)
    spread = np.sqrt((one**2).sum(axis=0) * (other**2).sum(axis=0))
    moving = (other.std(axis=0) > STILL) & (spread > 0)
    return np.where(moving, (one * other).sum(axis=0) / np.where(moving, spread, 1), np.nan)


@dataclass(frozen=True, slots=True)
class DetectorScore:
    """Faces found in scenes with one face, by their height, and in scenes without."""

    recall: float
    n_faces: int
    small_recall: float
    n_small: int
    overlap: float
    false_positives: float
    n_faceless: int

    def __str__(self) -> str:
        return (
            f"faces found {self.recall:.4f} (n = {self.n_faces}; the smaller third "
            f"{self.small_recall:.4f}, n = {self.n_small}), mean overlap {self.overlap:.3f}, "
            f"scenes without a face in which one was seen {self.false_positives:.4f} "
            f"(n = {self.n_faceless})"
        )


def judge_detector(network: DetectorNet, scenes: list[Scene]) -> DetectorScore:
    """Judge a detector on scenes, of which some must have one face and some none."""
    overlaps, sides, alarms = [], [], []
    for scene in scenes:
        tracks = find_faces(network, scene.picture)
        if len(scene.faces) == 0:
            alarms.append(bool(tracks))
        elif len(scene.faces) == 1:
            height, width = scene.picture.shape
            x, y, side, _ = scene.faces[0]
            places = [
                (one.cx * width - x, one.cy * height - y, one.side * width) for one in tracks[:1]
            ]
            overlaps.append(max((_overlap(*place, side) for place in places), default=0.0))
            sides.append(side / height)
    overlap, found = np.array(overlaps), np.array(overlaps) > SAME_PLACE
    small = np.array(sides) <= np.quantile(sides, 1 / 3)
    return DetectorScore(
        float(found.mean()),
        found.size,
        float(found[small].mean()),
        int(small.sum()),
        float(overlap[found].mean()) if found.any() else 0.0,
        float(np.mean(alarms)),
        len(alarms),
    )


def _overlap(x: float, y: float, one_side: float, other_side: float) -> float:
    """Intersection over union of level squares, one centred at (x, y) and the other at 0."""
    shared = np.prod(
        [
            max(
                0.0,
                min(at + one_side / 2, other_side / 2) - max(at - one_side / 2, -other_side / 2),
            )
            for at in (x, y)
        ]
    )
    return float(shared / (one_side**2 + other_side**2 - shared))
