"""Train the embedded face encoder: ``python -m training.face --data PATH --out DIR``."""

import argparse
from dataclasses import replace
from pathlib import Path

import cv2
import numpy as np
import torch
from torch import nn

from hoovik.face.loading import DETECTOR_FILE, STUDENT_FILE
from hoovik.face.network import StudentNet
from hoovik.weights import load_weights, save_network
from training.face.backgrounds import HELD_OUT_PHOTOGRAPHS, PHOTOGRAPHS, Backgrounds
from training.face.descent import Descent
from training.face.evaluate import judge_detector, judge_student
from training.face.fit_detector import DETECTOR_DESCENT, fit_detector
from training.face.fit_student import STUDENT_DESCENT, fit_student
from training.face.mirror import mirrored_landmarks
from training.face.pictures import FacePictures, read_pictures
from training.face.scenes import Scene, Stage
from training.face.views import View, Viewer
from training.splits import Split

STOCK = 1_200
HELD_OUT_STOCK = 300
JUDGED_SCENES = 600
JUDGED_FACELESS = 600


def main() -> None:
    """Read the pictures, train both networks, write them, and judge them on the test persons."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--data", type=Path, required=True, help="folder that holds faces/")
    parser.add_argument("--out", type=Path, required=True, help="folder for the weights")
    parser.add_argument("--only", choices=("detector", "student"), help="train one of the two")
    parser.add_argument("--epochs", type=int, default=STUDENT_DESCENT.epochs, help="the student's")
    parser.add_argument("--detector-epochs", type=int, default=DETECTOR_DESCENT.epochs)
    parser.add_argument("--start", type=Path, help="the student's weights to go on from")
    parser.add_argument("--seed", type=int, default=0)
    parser.add_argument("--threads", type=int, default=1)
    arguments = parser.parse_args()
    torch.set_num_threads(arguments.threads)
    cv2.setNumThreads(arguments.threads)
    torch.manual_seed(arguments.seed)
    arguments.out.mkdir(parents=True, exist_ok=True)

    pictures = read_pictures(arguments.data / "faces")
    splits = {split: pictures.of(split) for split in (Split.TRAIN, Split.VALIDATION, Split.TEST)}
    for split, part in splits.items():
        print(f"{split}: {len(part)} pictures of {len(set(part.persons.tolist()))} persons")
    rng = np.random.default_rng(arguments.seed)
    stock = Backgrounds(PHOTOGRAPHS, splits[Split.TRAIN], STOCK, rng)
    held_out = {
        split: Backgrounds(HELD_OUT_PHOTOGRAPHS, splits[split], HELD_OUT_STOCK, rng)
        for split in (Split.VALIDATION, Split.TEST)
    }

    if arguments.only != "student":
        scenes = {split: _scenes(splits[split], behind) for split, behind in held_out.items()}
        detector = fit_detector(
            Stage(splits[Split.TRAIN], stock, rng),
            scenes[Split.VALIDATION],
            replace(DETECTOR_DESCENT, epochs=arguments.detector_epochs),
        )
        save_network(detector, arguments.out / DETECTOR_FILE)
        _as_stored(detector)
        print(f"test: {judge_detector(detector, scenes[Split.TEST])}", flush=True)
    if arguments.only != "detector":
        pairs = mirrored_landmarks(splits[Split.TRAIN].points)
        views = {split: _views(splits[split], behind, pairs) for split, behind in held_out.items()}
        student = fit_student(
            splits[Split.TRAIN],
            Viewer(splits[Split.TRAIN], stock, pairs, rng),
            views[Split.VALIDATION],
            _descent(arguments.epochs, gently=arguments.start is not None),
            rng,
            None if arguments.start is None else _student(arguments.start),
        )
        save_network(student, arguments.out / STUDENT_FILE)
        _as_stored(student)
        score = judge_student(student, views[Split.TEST])
        print(f"test: {score}\n{score.details()}")


def _scenes(pictures: FacePictures, backgrounds: Backgrounds) -> list[Scene]:
    stage = Stage(pictures, backgrounds, np.random.default_rng(0))
    return [stage.scene(stage.size(), index % 2) for index in range(JUDGED_SCENES)]


def _views(pictures: FacePictures, backgrounds: Backgrounds, pairs: np.ndarray) -> list[View]:
    viewer = Viewer(pictures, backgrounds, pairs, np.random.default_rng(0))
    return [viewer.face(index, plain=True) for index in range(len(pictures))] + [
        viewer.no_face() for _ in range(JUDGED_FACELESS)
    ]


def _descent(epochs: int, *, gently: bool) -> Descent:
    rate = STUDENT_DESCENT.learning_rate * (0.2 if gently else 1.0)
    return replace(STUDENT_DESCENT, epochs=epochs, learning_rate=rate)


def _student(path: Path) -> StudentNet:
    network = StudentNet()
    load_weights(network, path, "face encoder")
    return network


def _as_stored(network: nn.Module) -> None:
    """Round the weights as the file does, so that the figures are those of what ships."""
    for tensor in network.state_dict().values():
        if tensor.is_floating_point():
            tensor.copy_(tensor.half())


if __name__ == "__main__":
    main()
