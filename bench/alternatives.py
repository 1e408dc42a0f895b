"""Other ways to ask the trees and the forests, each as far as it is installed."""

from collections.abc import Callable
from importlib import import_module
from importlib.util import find_spec
from typing import Any

import numpy as np
import xgboost
from numpy.typing import NDArray
from sklearn import ensemble as sklearn_ensemble

from hoovik.features.batch import ANOMALY_COLUMNS, TREE_COLUMNS
from hoovik.models.forest import IsolationForest
from hoovik.models.untrained import FOREST_SAMPLES
from hoovik.schema.emotion import EMOTIONS

Scores = Callable[[NDArray[np.float32]], NDArray[np.floating]]

FOREST_TREES = 200


def trees(booster: xgboost.Booster, ours: Scores) -> tuple[dict[str, Scores], list[str]]:
    """Ways to sum up the leaves of boosted trees, ours first; and those that are not installed."""
    booster.set_param({"nthread": 1})

    def by_xgboost(columns: NDArray[np.float32]) -> NDArray[np.floating]:
        answer: NDArray[np.floating] = booster.inplace_predict(
            columns, predict_type="margin", missing=np.nan, validate_features=False
        )
        return answer

    ways, left_out = {"walk": ours, "walk, XGBoost's own": by_xgboost}, []
    if find_spec("treelite"):
        ways["walk, treelite"] = _treelite(booster)
    else:
        left_out.append("treelite")
    if find_spec("onnxruntime") and find_spec("onnxmltools"):
        ways["walk, ONNX Runtime"] = _onnx_trees(booster, ours)
    else:
        left_out.append("onnxruntime with onnxmltools")
    return ways, left_out


def forests(seed: int) -> tuple[dict[str, Scores], list[str]]:
    """Ways to score an Isolation Forest grown on noise, ours first; and those not installed."""
    noise = np.random.default_rng(seed).standard_normal(
        (4 * FOREST_SAMPLES, ANOMALY_COLUMNS), np.float32
    )
    grown = sklearn_ensemble.IsolationForest(
        n_estimators=FOREST_TREES, max_samples=FOREST_SAMPLES, n_jobs=1, random_state=seed
    ).fit(noise)
    ways: dict[str, Scores] = {
        "isolation": IsolationForest.from_sklearn(grown, 0.0).scores,
        "isolation, scikit-learn": grown.score_samples,
    }
    if not (find_spec("onnxruntime") and find_spec("skl2onnx")):
        return ways, ["onnxruntime with skl2onnx"]
    ways["isolation, ONNX Runtime"] = _onnx_forest(grown)
    return ways, []


def _treelite(booster: xgboost.Booster) -> Scores:
    treelite: Any = import_module("treelite")
    gtil: Any = import_module("treelite.gtil")
    model = treelite.frontend.from_xgboost(booster)

    def scores(columns: NDArray[np.float32]) -> NDArray[np.floating]:
        margins = gtil.predict(model, columns, nthread=1, pred_margin=True)
        return np.asarray(margins).reshape(len(columns), len(EMOTIONS))

    return scores


def _onnx_trees(booster: xgboost.Booster, ours: Scores) -> Scores:
    onnxmltools: Any = import_module("onnxmltools")
    types: Any = import_module("onnxmltools.convert.common.data_types")
    # The conversion changes the booster that it is given.
    model = onnxmltools.convert_xgboost(
        booster.copy(), initial_types=[("columns", types.FloatTensorType([None, TREE_COLUMNS]))]
    )
    for node in model.graph.node:
        for attribute in node.attribute:
            if attribute.name == "post_transform":
                attribute.s = b"NONE"
    session = _session(model.SerializeToString())
    output = session.get_outputs()[-1].name

    def raw(columns: NDArray[np.float32]) -> NDArray[np.floating]:
        return np.asarray(session.run([output], {"columns": columns})[0])

    # It leaves out what each class begins with.
    probe = np.zeros((1, TREE_COLUMNS), np.float32)
    start = ours(probe) - raw(probe)
    return lambda columns: raw(columns) + start


def _onnx_forest(grown: sklearn_ensemble.IsolationForest) -> Scores:
    skl2onnx: Any = import_module("skl2onnx")
    types: Any = import_module("skl2onnx.common.data_types")
    model = skl2onnx.convert_sklearn(
        grown,
        initial_types=[("columns", types.FloatTensorType([None, ANOMALY_COLUMNS]))],
        target_opset={"": 17, "ai.onnx.ml": 3},
    )
    session = _session(model.SerializeToString())
    output = session.get_outputs()[-1].name

    def scores(columns: NDArray[np.float32]) -> NDArray[np.floating]:
        answer = np.asarray(session.run([output], {"columns": columns})[0]).ravel()
        # It answers the distance from scikit-learn's threshold.
        return np.asarray(answer + grown.offset_)

    return scores


def _session(model: bytes) -> Any:
    runtime: Any = import_module("onnxruntime")
    options = runtime.SessionOptions()
    options.intra_op_num_threads = options.inter_op_num_threads = 1
    return runtime.InferenceSession(model, options, providers=["CPUExecutionProvider"])
