"""A still that moves: sequences whose spread and jitter are those of a face in a meeting.

The directions of motion are differences between two pictures of the same person with the same
label, so that identity drops out and the label stays true. What the turn of the head explains of
them moves slowly; the rest, which is what speech and blinking do to a face, moves fast and far.
"""

from collections import defaultdict
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from hoovik.layout import BLENDSHAPES, EXPRESSION_DIM, FACE_DIM, POSE, SEQ_LEN
from training.build.clips import FaceClip

DIRECTIONS_PER_SEQUENCE = 3
MOST_PER_PERSON = 12


@dataclass(frozen=True, slots=True)
class Course:
    """How far and how smoothly something moves.

    Attributes:
        amplitude: median over sequences, as a share of the difference between two pictures.
        spread: of the log-normal amplitude; some people sit still, some do not.
        persistence: correlation of a path with itself one step (0.3 s) later.
    """

    amplitude: float
    spread: float
    persistence: float

    def path(self, rng: np.random.Generator) -> NDArray[np.float64]:
        """Amplitudes (10, 3) of a stationary AR(1) process."""
        fresh = rng.standard_normal((SEQ_LEN, DIRECTIONS_PER_SEQUENCE))
        path = np.empty_like(fresh)
        path[0] = fresh[0]
        innovation = np.sqrt(1 - self.persistence**2)
        for step in range(1, SEQ_LEN):
            path[step] = self.persistence * path[step - 1] + innovation * fresh[step]
        return path * self.amplitude * float(np.exp(rng.normal(0, self.spread)))


TURNING = Course(amplitude=0.25, spread=0.8, persistence=0.85)
EXPRESSION = Course(amplitude=0.45, spread=0.7, persistence=0.5)
"""People who talk turn and change expression a good deal further than people who are photographed, and
differ more in it; some still sit as if they were."""


@dataclass(frozen=True, slots=True)
class Motion:
    """How the faces of a split move.

    Attributes:
        turning: (D, 332) float32, what the pose explains of each direction: of the vector, and of
            the logits of what the face shows.
        expression: (D, 332) float32, the rest of each.
    """

    turning: NDArray[np.float32]
    expression: NDArray[np.float32]

    def applied(
        self,
        vectors: NDArray[np.float32],
        expressions: NDArray[np.float32],
        rng: np.random.Generator,
    ) -> tuple[NDArray[np.float32], NDArray[np.float32]]:
        """Ten steps of a still, vectors (10, 326) and logits (10, 6), moved."""
        moved = np.hstack([vectors, expressions]).astype(np.float64)
        for directions, course in ((self.turning, TURNING), (self.expression, EXPRESSION)):
            if len(directions):
                chosen = rng.integers(len(directions), size=DIRECTIONS_PER_SEQUENCE)
                moved += course.path(rng) @ directions[chosen]
        moved[:, BLENDSHAPES] = moved[:, BLENDSHAPES].clip(0, 1)
        return moved[:, :FACE_DIM].astype(np.float32), moved[:, FACE_DIM:].astype(np.float32)


def motion_of(faces: list[FaceClip], rng: np.random.Generator) -> Motion:
    """Motion from the persons of whom there are two stills with the same label, or more."""
    alike: dict[tuple[str, int], list[NDArray[np.float32]]] = defaultdict(list)
    for face in faces:
        if face.still and face.label is not None:
            alike[face.owner, face.label].append(
                np.concatenate([face.vectors[0], face.expressions[0]])
            )
    parts = [np.empty((0, FACE_DIM + EXPRESSION_DIM), np.float32)]
    for vectors in alike.values():
        order = rng.permutation(len(vectors))[: MOST_PER_PERSON + 1]
        parts.append(np.diff(np.array([vectors[place] for place in order]), axis=0))
    directions = np.concatenate(parts)
    pose = directions[:, POSE]
    by_pose = np.linalg.lstsq(pose, directions, rcond=None)[0]  # (3, 326)
    turning = (pose @ by_pose).astype(np.float32)
    return Motion(turning, directions - turning)
