from pathlib import Path

import pytest

from hoovik.face.embedded import EmbeddedFaceEncoder
from hoovik.face.encoder import DETECTOR_FILE, STUDENT_FILE
from tests.faces import BUNDLE, Picture, pictures


@pytest.fixture(scope="session")
def encoder() -> EmbeddedFaceEncoder:
    return EmbeddedFaceEncoder.from_files(BUNDLE / DETECTOR_FILE, BUNDLE / STUDENT_FILE)


@pytest.fixture(scope="session")
def clips(meeting_folder: Path) -> dict[str, list[Picture]]:
    return {file: pictures(meeting_folder / file) for file in ("mira.mp4", "jonas.webm")}
