"""Build a bundle: ``python -m training.build --data PATH --out DIR``."""

import argparse
import hashlib
import json
import shutil
from dataclasses import replace
from pathlib import Path

import torch
from threadpoolctl import threadpool_limits

from hoovik.audio.loading import WEIGHTS_FILE, load_audio_encoder
from hoovik.face.loading import DETECTOR_FILE, STUDENT_FILE, load_face_encoder
from hoovik.models.bundle import ENCODER_FILES
from hoovik.settings import AudioSettings, FaceSettings
from training.build.cache import file_digest
from training.build.pipeline import build
from training.build.plan import Plan, quick_plan


def main() -> None:
    """Read the arguments, load the encoders, build, and print the figures."""
    defaults = Plan()
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--data", type=Path, required=True, help="folder of the corpora")
    parser.add_argument("--out", type=Path, required=True, help="folder of the bundle")
    parser.add_argument(
        "--encoders", type=Path, help="copy the encoders' weights from this folder first"
    )
    parser.add_argument(
        "--landmarker", type=Path, help="read faces with MediaPipe and this .task file instead"
    )
    parser.add_argument("--seed", type=int, default=defaults.seed)
    parser.add_argument("--threads", type=int, default=defaults.threads)
    parser.add_argument("--quick", action="store_true", help="a tiny bundle, as a test of the code")
    arguments = parser.parse_args()
    torch.set_num_threads(arguments.threads)
    threadpool_limits(arguments.threads)

    plan = replace(defaults, seed=arguments.seed, threads=arguments.threads)
    if arguments.quick:
        plan = quick_plan(arguments.seed, arguments.threads)
    out: Path = arguments.out
    face_settings, face_files = FaceSettings(), [out / DETECTOR_FILE, out / STUDENT_FILE]
    if arguments.landmarker:
        face_settings = FaceSettings(encoder="mediapipe", landmarker=str(arguments.landmarker))
        face_files = [arguments.landmarker]
    if arguments.encoders:
        _copy_encoders(arguments.encoders, out)
    figures = build(
        arguments.data,
        out,
        plan,
        (load_audio_encoder(AudioSettings(), out), file_digest(out / WEIGHTS_FILE)),
        (load_face_encoder(face_settings, out), _digest(face_files)),
    )
    print(json.dumps(figures, indent=2))


def _copy_encoders(source: Path, out: Path) -> None:
    out.mkdir(parents=True, exist_ok=True)
    for name in ENCODER_FILES:
        if (source / name).is_file():
            shutil.copyfile(source / name, out / name)


def _digest(files: list[Path]) -> str:
    return hashlib.sha256("".join(file_digest(file) for file in files).encode()).hexdigest()


if __name__ == "__main__":
    main()
