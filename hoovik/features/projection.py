from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray


@dataclass(frozen=True, slots=True)
class Projection:
    """Standardisation and principal components, folded into one matrix product.

    Attributes:
        mean: (D,) float32, training mean of each column.
        weights: (D, K) float32, components divided by each column's training deviation.
    """

    mean: NDArray[np.float32]
    weights: NDArray[np.float32]

    @property
    def width(self) -> int:
        """Number of components K."""
        return int(self.weights.shape[1])

    def __call__(self, columns: NDArray[np.float32]) -> NDArray[np.float32]:
        """Components (N, K) float32 of columns (N, D); a NaN anywhere in a row makes it all NaN."""
        return self._components(columns - self.mean)

    def imputed(self, columns: NDArray[np.float32]) -> NDArray[np.float32]:
        """Components (N, K) of columns (N, D) in which NaN stands for the training mean."""
        centred = columns - self.mean
        centred[np.isnan(centred)] = 0
        return self._components(centred)

    def _components(self, centred: NDArray[np.float32]) -> NDArray[np.float32]:
        product: NDArray[np.float32] = np.matmul(centred, self.weights)
        return product

    @classmethod
    def of(
        cls,
        mean: NDArray[np.number],
        scale: NDArray[np.number],
        components: NDArray[np.number],
    ) -> "Projection":
        """Projection from mean and scale (D,) and components (K, D) of any numeric type.

        The components may be whole numbers: trees and forests do not mind how long they are.
        """
        weights = components.astype(np.float32).T / scale.astype(np.float32)[:, None]
        return cls(mean.astype(np.float32), np.ascontiguousarray(weights))

    @classmethod
    def from_arrays(cls, arrays: Mapping[str, NDArray[np.number]], name: str) -> "Projection":
        """The projection that a weights file holds under `name`."""
        return cls.of(arrays[f"{name}.mean"], arrays[f"{name}.scale"], arrays[f"{name}.components"])
