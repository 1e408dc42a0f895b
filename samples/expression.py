"""Expressions as movements of face points, in the manner of action units.

Distances are in inter-ocular units (outer eye corner to outer eye corner), so that they fit any
face. The photograph smiles broadly: that is the rest position of the points, and every other
expression is a movement away from it.
"""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray
from portrait import Portrait

Points = NDArray[np.float64]


@dataclass(frozen=True)
class Pose:
    """What a face does at one moment; 0 is none and 1 is full.

    Angles are in radians: pitch up, yaw to the subject's left and roll clockwise for the viewer are
    positive. Shifts are in inter-ocular units.
    """

    smile: float = 0.0
    frown: float = 0.0
    brow_raise: float = 0.0
    inner_brow_raise: float = 0.0
    corners_down: float = 0.0
    jaw_open: float = 0.0
    blink: float = 0.0
    yaw: float = 0.0
    pitch: float = 0.0
    roll: float = 0.0
    shift_x: float = 0.0
    shift_y: float = 0.0
    zoom: float = 1.0


def spread(points: Points, anchors: Points, moves: Points, radius: float) -> Points:
    """Movement of ``points`` (N, 2) that follow ``anchors`` (K, 2) with a soft Gaussian falloff."""
    squared = ((points[:, None] - anchors[None]) ** 2).sum(-1)
    weights = np.exp(-squared / (2 * radius**2))
    return (
        weights.max(1, keepdims=True) * (weights @ moves) / (weights.sum(1, keepdims=True) + 1e-9)
    )


def apply(portrait: Portrait, pose: Pose) -> Points:
    """Points (N, 2) of the portrait, in pixels, in the given pose."""
    face = portrait.points[:, :2].copy()
    _move_brows(portrait, pose, face)
    _move_mouth(portrait, pose, face)
    _close_lids(portrait, pose, face)
    return _turn_head(portrait, pose, face)


def _move_brows(portrait: Portrait, pose: Pose, face: Points) -> None:
    unit, centre_x = portrait.unit_px, portrait.centre[0]
    brows = np.concatenate([portrait.group("right_brow"), portrait.group("left_brow")])
    at = portrait.points[brows, :2]
    side = np.sign(at[:, 0] - centre_x)
    # 1 at the inner end of a brow, 0 at the outer end.
    inner = 1 - np.clip((np.abs(at[:, 0] - centre_x) / unit - 0.15) / 0.45, 0, 1)
    down = (
        pose.frown * (0.03 + 0.06 * inner)
        - pose.brow_raise * 0.10
        - pose.inner_brow_raise * 0.12 * (inner - 0.25)
    )
    together = -side * (pose.frown * 0.035 + pose.inner_brow_raise * 0.02) * inner
    moves = unit * np.stack([together, down], -1)
    skin = np.concatenate(
        [
            portrait.group(name)
            for name in ("right_lid_fold", "left_lid_fold", "forehead_and_chin", "nose")
        ]
    )
    face[skin] += spread(portrait.points[skin, :2], at, moves, 0.12 * unit)
    face[brows] += moves


def _move_mouth(portrait: Portrait, pose: Pose, face: Points) -> None:
    unit = portrait.unit_px
    upper, lower = portrait.mouth.upper, portrait.mouth.lower
    rest_upper, rest_lower = portrait.points[upper, :2], portrait.points[lower, :2]
    centre = rest_upper[[0, -1]].mean(0)
    across = (rest_upper[:, 0] - centre[0]) / (np.ptp(rest_upper[:, 0]) / 2)

    unsmile = 1 - pose.smile
    sideways = -0.085 * unsmile - 0.03 * pose.jaw_open + 0.01 * pose.corners_down
    corner_drop = 0.06 * unsmile + 0.06 * pose.corners_down
    along = np.stack(
        [across * sideways, np.abs(across) ** 1.5 * corner_drop - 0.02 * pose.corners_down], -1
    )
    # A smiling mouth is a bow; a closed one is a line from corner to corner.
    gap = rest_lower[:, 1] - rest_upper[:, 1]
    bow = rest_upper[:, 1] + 0.35 * gap
    line = np.interp(rest_upper[:, 0], rest_upper[[0, -1], 0], rest_upper[[0, -1], 1])
    meeting = bow + 0.75 * unsmile * (line - bow)
    # The jaw carries the lower lip further than the upper one gives way.
    opening = gap * pose.smile * 0.9 + unit * 0.20 * pose.jaw_open * (1 - across**2)
    new_upper = np.stack([rest_upper[:, 0], meeting - 0.3 * opening], -1) + unit * along
    new_lower = np.stack([rest_lower[:, 0], meeting + 0.7 * opening], -1) + unit * along

    upper_moves, lower_moves = new_upper - rest_upper, new_lower - rest_lower
    outer_upper, outer_lower = portrait.group("outer_lip_upper"), portrait.group("outer_lip_lower")
    moves = {
        "inner": (np.concatenate([upper, lower[1:-1]]),
                  np.concatenate([upper_moves, lower_moves[1:-1]])),
        "outer": (np.concatenate([outer_upper, outer_lower]),
                  np.concatenate([0.9 * upper_moves, 0.9 * lower_moves[1:-1]])),
    }  # fmt: skip
    anchors, anchor_moves = (np.concatenate(parts) for parts in zip(*moves.values(), strict=True))
    skin = np.concatenate([portrait.group("cheeks"), portrait.group("forehead_and_chin")])
    face[skin] += 0.8 * spread(
        portrait.points[skin, :2], portrait.points[anchors, :2], anchor_moves, 0.22 * unit
    )
    face[anchors] += anchor_moves

    jaw = portrait.group("oval")
    below = np.clip((portrait.points[jaw, 1] - centre[1]) / (0.55 * unit), 0, 1)
    face[jaw, 1] += unit * below * (0.10 * pose.jaw_open + 0.01 * unsmile)
    cheeks = portrait.group("cheeks")
    face[cheeks, 1] += 0.02 * unit * unsmile


def _close_lids(portrait: Portrait, pose: Pose, face: Points) -> None:
    # A smile narrows the eyes of the photograph; without it they open a little.
    closing = pose.blink + (1 - pose.blink) * (0.16 * pose.frown - 0.10 * (1 - pose.smile))
    for side in ("right", "left"):
        upper, lower = portrait.group(f"{side}_lid_upper"), portrait.group(f"{side}_lid_lower")
        fold = portrait.group(f"{side}_lid_fold")
        drop = closing * (face[lower] - face[upper])
        face[upper] += drop
        face[lower] -= 0.08 * pose.blink * drop
        face[fold] += 0.35 * drop


def _turn_head(portrait: Portrait, pose: Pose, face: Points) -> Points:
    """Rotate the head about its centre and let the shoulders follow a little."""
    centre, depth = portrait.centre, portrait.points[:, 2]
    rest = portrait.points[:, :2]
    x, y = (face - centre).T
    z = depth * np.cos(pose.yaw) + x * np.sin(pose.yaw)
    x = x * np.cos(pose.yaw) - depth * np.sin(pose.yaw)
    y = y * np.cos(pose.pitch) + z * np.sin(pose.pitch)
    cos, sin = np.cos(pose.roll), np.sin(pose.roll)
    turned = np.stack([x * cos - y * sin, x * sin + y * cos], -1) * pose.zoom + centre
    turned += portrait.unit_px * np.array([pose.shift_x, pose.shift_y])
    return rest + portrait.follow[:, None] * (turned - rest)
