from pathlib import Path
from typing import Any

import cv2
import numpy as np
import pytest
from numpy.typing import NDArray

from hoovik.models.bundle import Bundle
from hoovik.schema.emotion import EMOTIONS, Profile
from hoovik.settings import MODEL_ARTIFACTS
from training.corpora.clip import Clip, CorpusError
from training.corpora.decoding import image
from training.corpora.faces import read_faces
from training.corpora.fer2013 import read_fer2013
from training.corpora.ferplus import read_ferplus
from training.corpora.packed import unsqueezed
from training.evaluation.prediction import BundleModels, mean_by_clip
from training.evaluation.subjects import judged
from training.extraction.encoders import EncoderSource
from training.extraction.encoding import Reading, encode_takes

PIXELS = " ".join(str(value % 256) for value in range(48 * 48))
VOTE_NAMES = ("neutral", "happiness", "surprise", "sadness", "anger", "disgust", "fear", "contempt")
OTHERS = ("unknown", "NF")


def pack(folder: Path, pictures: list[bytes], **columns: Any) -> Path:
    folder.mkdir(parents=True, exist_ok=True)
    (folder / "images.jpgs").write_bytes(b"".join(pictures))
    offset = np.cumsum([0, *map(len, pictures)])
    np.savez(folder / "index.npz", offset=offset, **columns)
    return folder


def jpeg(pixels: NDArray[np.uint8]) -> bytes:
    return cv2.imencode(".jpg", pixels, [cv2.IMWRITE_JPEG_QUALITY, 100])[1].tobytes()


def test_fer2013_reads_the_published_table(tmp_path: Path) -> None:
    table = tmp_path / "fer2013.csv"
    table.write_text(f"emotion,pixels,Usage\n3,{PIXELS},Training\n5,{PIXELS},PrivateTest\n")
    happy, surprised = read_fer2013(tmp_path)
    assert read_fer2013(table) == [happy, surprised]
    assert (happy.name, happy.usage, happy.label) == ("Training/00000", "Training", 3)
    assert surprised.label is None
    assert happy.speaker == surprised.speaker == f"fer2013-{happy.digest()[:16]}"
    pixels = cv2.imdecode(np.frombuffer(happy.read(), np.uint8), cv2.IMREAD_GRAYSCALE)
    assert " ".join(map(str, pixels.ravel())) == PIXELS


@pytest.mark.parametrize(
    "row", ["7,{},Training", "3,1 2 3,Training", "3,{},Test", "3,{} 5,Training", "x,{},Training"]
)
def test_fer2013_names_the_row_that_does_not_parse(tmp_path: Path, row: str) -> None:
    table = tmp_path / "t.csv"
    good = f"3,{PIXELS},Training"
    table.write_text(f"emotion,pixels,Usage\n{good}\n{row.format(PIXELS)}\n")
    with pytest.raises(CorpusError, match="row 2 does not parse"):
        read_fer2013(table)


def ferplus(folder: Path, usages: list[str], votes: list[dict[str, int]]) -> Path:
    names = (*VOTE_NAMES, *OTHERS)
    return pack(
        folder,
        [bytes([number]) for number in range(len(votes))],
        name=np.array([f"fer{number}.png" for number in range(len(votes))]),
        usage=np.array(usages),
        votes=np.array([[own.get(name, 0) for name in names] for own in votes], np.int8),
        vote_names=np.array(names),
    )


def test_ferplus_keeps_what_some_taggers_agree_on(tmp_path: Path) -> None:
    votes = [
        {"anger": 6, "disgust": 2, "fear": 1, "unknown": 1},
        {"sadness": 4, "neutral": 4, "fear": 2},
        {"happiness": 5, "sadness": 5},
        {"surprise": 8, "fear": 2},
        {"surprise": 9, "fear": 1},
        {"happiness": 10},
    ]
    root = ferplus(tmp_path, ["Training"] * 5 + ["PublicTest"], votes)
    angry, unsure, torn, surprised, happy = read_ferplus(root)
    assert [clip.label for clip in (angry, unsure, torn, surprised, happy)] == [
        0, None, None, None, 3,
    ]  # fmt: skip
    assert angry.votes == (0.6, 0, 0.2, 0, 0, 0), "a lone vote is a slip"
    assert unsure.votes == (0, 0.2, 0, 0, 0.4, 0.4)
    assert surprised.votes == (0, 0.2, 0, 0, 0, 0)
    assert unsure.can_teach
    assert (happy.usage, happy.name, happy.media) == ("PublicTest", "fer5.png", bytes([5]))
    assert happy.speaker == f"ferplus-{happy.digest()[:16]}"


def test_a_picture_that_fer2013_has_in_another_part_is_left_out(tmp_path: Path) -> None:
    root = ferplus(tmp_path, ["Training"] * 3, [{"anger": 9}] * 3)
    np.savez(
        root / "map_to_in_hand_fer2013.npz",
        name=np.array(["Training_1.jpg", "PublicTest_2.jpg"]),
        ferplus_name=np.array(["fer0.png", "fer1.png"]),
    )
    assert [clip.name for clip in read_ferplus(root)] == ["fer0.png", "fer2.png"]


def test_votes_for_what_nobody_knows_and_other_parts_are_refused(tmp_path: Path) -> None:
    with pytest.raises(CorpusError, match=r"fer0.png: usage 'Test'; one of Training"):
        read_ferplus(ferplus(tmp_path / "a", ["Test"], [{"anger": 9}]))
    strange = ferplus(tmp_path / "b", ["Training"], [{"anger": 9}])
    with np.load(strange / "index.npz") as stored:
        index = dict(stored)
    index["vote_names"][0] = "bored"
    np.savez(strange / "index.npz", **index)
    with pytest.raises(CorpusError, match="votes do not fit vote_names: 'bored'"):
        read_ferplus(strange)


def test_packed_pictures_must_fit_their_index(tmp_path: Path) -> None:
    columns = {
        "name": np.array(["Ada_Lovelace_0001.jpg", "facial-expressions_1k.jpg"]),
        "emotion": np.array(["anger", "contempt"]),
        "original_size": np.full((2, 2), 9),
    }
    ada, nobody = read_faces(pack(tmp_path, [b"ab", b"cdef"], **columns))
    assert (ada.media, ada.speaker, ada.label) == (b"ab", "adalovelace", 0)
    assert (nobody.speaker, nobody.label) == (f"faces-{nobody.digest()[:16]}", None)
    assert "ada" not in ada.reference.lower()
    np.savez(tmp_path / "index.npz", offset=np.array([0, 2, 5]), **columns)
    with pytest.raises(CorpusError, match="3 offsets for 6 bytes"):
        read_faces(tmp_path)


@pytest.mark.parametrize("size", [(60, 80), (80, 60), (30, 40), (240, 320)])
def test_a_squeezed_circle_becomes_round_again_on_a_square(
    tmp_path: Path, size: tuple[int, int]
) -> None:
    original = np.zeros(size[::-1], np.uint8)
    cv2.circle(original, (size[0] // 2, size[1] // 2), min(size) * 2 // 5, 255, -1)
    stored = jpeg(cv2.resize(original, (112, 112), interpolation=cv2.INTER_CUBIC))
    flat = unsqueezed(stored, size)
    assert flat.shape[1] / flat.shape[0] == pytest.approx(size[0] / size[1], abs=0.01)
    columns = {"name": np.array(["A_1.jpg"]), "emotion": np.array(["sadness"])}
    root = pack(tmp_path, [stored], original_size=np.array([size]), **columns)
    (clip,) = read_faces(root)
    pixels = image(clip)
    assert pixels.shape == (112, 112, 3)
    rows, columns_lit = np.nonzero(pixels[..., 0] > 128)
    assert np.ptp(rows) == pytest.approx(np.ptp(columns_lit), abs=2)


@pytest.mark.data
@pytest.mark.timeout(300)
def test_the_aspect_ratio_of_what_is_stored_does_not_tell_the_class(
    data: Path, tmp_path: Path, one_thread: None
) -> None:
    """From picture to answer: the same faces, cut narrow, stored squeezed and stored as they are."""
    square = [
        clip
        for clip in read_faces(data / "faces")
        if clip.label == EMOTIONS.index("neutral/calm") and not clip.read().startswith(b"\x89PNG")
    ]
    rng = np.random.default_rng(0)
    some = [square[place] for place in rng.permutation(len(square))[:60]]
    narrow = [image(clip)[:, 12:-13, 0] for clip in some]  # 112 by 87: 0.777, as film stills are
    squeezed = [cv2.resize(one, (112, 112), interpolation=cv2.INTER_CUBIC) for one in narrow]
    padded = [cv2.copyMakeBorder(one, 0, 0, 12, 13, cv2.BORDER_REPLICATE) for one in narrow]

    def stored(name: str, pictures: list[NDArray[np.uint8]], size: tuple[int, int]) -> list[Clip]:
        names = np.array([f"{name}_{number}.jpg" for number in range(len(pictures))])
        root = pack(
            tmp_path / name,
            [jpeg(one) for one in pictures],
            name=names,
            emotion=np.full(len(names), "neutral"),
            original_size=np.tile(size, (len(names), 1)),
        )
        return read_faces(root)

    whole, unsqueezed_ones = (
        stored("padded", padded, (112, 112)),
        stored("narrow", squeezed, (87, 112)),
    )
    for one, other, left in zip(whole, unsqueezed_ones, squeezed, strict=True):
        difference = np.abs(image(one)[..., 0].astype(int) - [image(other)[..., 0], left])
        undone, untouched = difference.mean(axis=(1, 2))
        assert undone < untouched / 3
    as_they_are, seen = answers(whole)
    again, seen_again = answers(unsqueezed_ones)
    assert len(seen & seen_again) >= 55
    changed = np.abs(again.mean(axis=0) - as_they_are.mean(axis=0))
    assert changed.max() < 0.04, changed


def answers(clips: list[Clip]) -> tuple[NDArray[np.float64], set[str]]:
    """Mean probabilities (n, 6) of the pictures with a face, and the numbers of these."""
    bundle = Bundle.open(MODEL_ARTIFACTS / "embedded")
    encoders = EncoderSource(MODEL_ARTIFACTS / "embedded").load()
    # All of them in the same shaking hand.
    extracted = [encode_takes(clip, encoders, Reading(), (0,))[0] for clip in clips]
    subjects = judged(Profile.VIDEO_ONLY, extracted, 0).subjects
    ticks = [tick for subject in subjects for tick in subject.ticks]
    said = BundleModels.of(bundle).predict(ticks).calibrated
    probs = mean_by_clip(said, [len(subject.ticks) for subject in subjects])
    return probs, {subject.clip.name.split("_")[-1] for subject in subjects}
