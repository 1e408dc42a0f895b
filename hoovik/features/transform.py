from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

import numpy as np
from numpy.typing import NDArray
from safetensors.numpy import load_file

from hoovik.errors import BundleError
from hoovik.features.anomaly import FORESTS, anomaly_columns, choose_forests, forest_parts
from hoovik.features.batch import ANOMALY_COLUMNS, TREE_COLUMNS, FeatureBatch
from hoovik.features.engineered import AUDIO_BLOCK, FACE_BLOCK, INDICATORS, engineered_columns
from hoovik.features.projection import Projection
from hoovik.features.sequence import SequenceBatch
from hoovik.features.statistics import ModalityStatistics


@dataclass(frozen=True)
class FeatureTransform:
    """What the feature-engineering stage knows: the projections of both column sets.

    Attributes:
        tree_face: 1,995 face columns to components.
        tree_audio: 6,147 audio columns to components.
        forests: one projection for each of `FORESTS`, over its own columns.
    """

    tree_face: Projection
    tree_audio: Projection
    forests: tuple[Projection, ...]

    def __post_init__(self) -> None:
        width = self.tree_face.width + self.tree_audio.width + INDICATORS.stop - INDICATORS.start
        if width != TREE_COLUMNS:
            raise BundleError(f"the tree projection makes {width} columns, not {TREE_COLUMNS}")
        for name, projection in zip(FORESTS, self.forests, strict=True):
            if projection.width > ANOMALY_COLUMNS:
                raise BundleError(
                    f"the projection of {name} makes {projection.width} columns, "
                    f"more than {ANOMALY_COLUMNS}"
                )

    @classmethod
    def from_file(cls, path: Path) -> "FeatureTransform":
        """Load `projections.safetensors`."""
        return cls.from_arrays(load_file(path))

    @classmethod
    def from_arrays(cls, arrays: Mapping[str, NDArray[np.number]]) -> "FeatureTransform":
        """Projections named `tree_face`, `tree_audio` and `forest_<name>`."""
        return cls(
            Projection.from_arrays(arrays, "tree_face"),
            Projection.from_arrays(arrays, "tree_audio"),
            tuple(Projection.from_arrays(arrays, f"forest_{name}") for name in FORESTS),
        )

    def apply(self, batch: SequenceBatch) -> FeatureBatch:
        """Columns of N sequences, for the tree model and for anomaly detection."""
        known = ModalityStatistics.of(batch)
        return FeatureBatch(
            batch, self.tree_columns(batch, known), self.anomaly_columns(batch, known)
        )

    def tree_columns(
        self, batch: SequenceBatch, known: ModalityStatistics | None = None
    ) -> NDArray[np.float32]:
        """(N, 512) float32: face components, audio components, the 7 indicators.

        The components of an absent modality are NaN: each block has its own projection, so that
        nothing needs to be imputed and the trees see what is missing. `known` are the batch's
        statistics, where it has them.
        """
        engineered = engineered_columns(batch, known)
        columns = np.full((len(batch), TREE_COLUMNS), np.nan, np.float32)
        faces, voices = batch.face_mask.any(axis=1), batch.audio_mask.any(axis=1)
        columns[faces, : self.tree_face.width] = self.tree_face(engineered[faces, FACE_BLOCK])
        audio = slice(self.tree_face.width, self.tree_face.width + self.tree_audio.width)
        columns[voices, audio] = self.tree_audio(engineered[voices, AUDIO_BLOCK])
        columns[:, audio.stop :] = engineered[:, INDICATORS]
        return columns

    def anomaly_columns(
        self, batch: SequenceBatch, known: ModalityStatistics | None = None
    ) -> NDArray[np.float32]:
        """(N, 96) float32: the components of each sample's own forest, zeros beyond them.

        `known` are the batch's statistics, where it has them.
        """
        columns = anomaly_columns(batch, known)
        chosen = choose_forests(batch)
        components = np.zeros((len(batch), ANOMALY_COLUMNS), np.float32)
        for index in np.unique(chosen):
            projection, rows = self.forests[index], chosen == index
            own = np.concatenate(
                [columns[rows, part] for part in forest_parts(FORESTS[index])], axis=1
            )
            components[rows, : projection.width] = projection.imputed(own)
        return components
