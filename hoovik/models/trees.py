import json
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from hoovik.errors import BundleError
from hoovik.features.batch import TREE_COLUMNS
from hoovik.models.ubjson import read_ubjson
from hoovik.schema.emotion import EMOTIONS

ROWS = 16
"""Samples that walk together: so many keep their places in the cache."""


class TreeModel:
    """Gradient-boosted trees over the 512 tree columns; NaN goes the way each split has learned.

    XGBoost grows and stores them. They are walked here, all trees of all samples one level at a
    time, because XGBoost prepares every tree anew at each call: for few samples that takes many
    times as long as the walk.

    Args:
        stored: a booster in XGBoost's own UBJSON format.

    Raises:
        BundleError: trees over other columns, or of another kind.
        KeyError, ValueError: no booster.
    """

    def __init__(self, stored: bytes | bytearray) -> None:
        learner = read_ubjson(bytes(stored))["learner"]
        columns = int(learner["learner_model_param"]["num_feature"])
        if columns != TREE_COLUMNS:
            raise BundleError(f"the tree model reads {columns} columns, not {TREE_COLUMNS}")
        kind = learner["gradient_booster"]["name"]
        if kind != "gbtree":
            raise BundleError(f"the tree model is a {kind}, not a gbtree")
        model = learner["gradient_booster"]["model"]
        classes = model["tree_info"]
        if any(tree != number % len(EMOTIONS) for number, tree in enumerate(classes)):
            raise BundleError(f"the tree model does not grow {len(EMOTIONS)} trees in each round")
        self._start = np.array(json.loads(learner["learner_model_param"]["base_score"]), np.float32)
        self._roots = np.arange(len(classes))
        self._levels, self._leaves = _complete(model["trees"])

    @classmethod
    def from_file(cls, path: Path) -> "TreeModel":
        """Load a booster from XGBoost's own UBJSON format; raises BundleError."""
        try:
            return cls(path.read_bytes())
        except (OSError, KeyError, TypeError, ValueError) as error:
            raise BundleError(f"{path.name} is no XGBoost model: {error!r}") from error

    @property
    def rounds(self) -> int:
        """Boosting rounds; each grows one tree per class."""
        return len(self._roots) // len(EMOTIONS)

    def logits(self, columns: NDArray[np.float32]) -> NDArray[np.float32]:
        """Summed leaf values (N, 6) float32 of columns (N, 512) in which NaN means absent."""
        sums = np.empty((len(columns), len(EMOTIONS)), np.float32)
        for start in range(0, len(columns), ROWS):
            rows = slice(start, start + ROWS)
            sums[rows] = self._walk(columns[rows]) + self._start
        return sums

    def _walk(self, columns: NDArray[np.float32]) -> NDArray[np.float32]:
        # Twice, with an absent value below and then above every threshold: a split reads the copy
        # that sends it where it has learned to.
        absent = np.isnan(columns)
        twice = [np.where(absent, np.float32(far), columns) for far in (-np.inf, np.inf)]
        values = np.concatenate(twice, axis=1).ravel()
        rows = 2 * TREE_COLUMNS * np.arange(len(columns))[:, None]  # (N, 1)
        nodes = self._roots[None]  # (1, M), and (N, M) from the second level on
        for columns_of, thresholds in self._levels:
            # All of these are in range; said so, numpy does not check each of them.
            read = values.take(columns_of.take(nodes, mode="wrap") + rows, mode="wrap")
            nodes = 2 * nodes + (read >= thresholds.take(nodes, mode="wrap"))
        reached = self._leaves.take(nodes, mode="wrap")
        by_class: NDArray[np.float32] = reached.reshape(len(nodes), -1, len(EMOTIONS)).sum(axis=1)
        return by_class


def _complete(
    trees: list[Mapping[str, Any]],
) -> tuple[list[tuple[NDArray[np.intp], NDArray[np.float32]]], NDArray[np.float32]]:
    """M trees as complete ones of the depth D of the deepest.

    Returns:
        For each level d, the column that each of M * 2 ** d nodes reads (from 512 on where an
        absent value goes right) and its threshold, a sample goes right from that on; and the
        M * 2 ** D leaves. The children of node i are 2 i and 2 i + 1 of the next level. Below a
        leaf that came early, all leaves are that leaf.
    """
    # (M, K), as XGBoost numbers the nodes
    left = _side_by_side(trees, "left_children", -1)
    right = _side_by_side(trees, "right_children", -1)
    columns = _side_by_side(trees, "split_indices", 0)
    thresholds = _side_by_side(trees, "split_conditions", 0).astype(np.float32)
    absent_right = _side_by_side(trees, "default_left", 1) == 0
    rows = np.arange(len(trees))[:, None]
    nodes = np.zeros((len(trees), 1), np.intp)  # (M, 2 ** d)
    levels = []
    while (inner := left[rows, nodes] >= 0).any():
        column = columns[rows, nodes] + TREE_COLUMNS * absent_right[rows, nodes]
        threshold = np.where(inner, thresholds[rows, nodes], np.float32(np.inf))
        levels.append((np.where(inner, column, 0).astype(np.intp).ravel(), threshold.ravel()))
        children = [np.where(inner, side[rows, nodes], nodes) for side in (left, right)]
        nodes = np.stack(children, axis=2).reshape(len(trees), -1).astype(np.intp)
    return levels, thresholds[rows, nodes].ravel()


def _side_by_side(trees: list[Mapping[str, Any]], key: str, filling: int) -> NDArray[np.number]:
    """(M, K) values of trees of up to K nodes."""
    columns = [tree[key] for tree in trees]
    size = max(len(values) for values in columns)
    together = np.full((len(trees), size), filling, columns[0].dtype.newbyteorder("="))
    for row, values in zip(together, columns, strict=True):
        row[: len(values)] = values
    return together
