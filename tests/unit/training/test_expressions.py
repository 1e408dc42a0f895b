"""The expression network's training: crops as live, shares of votes, and that it learns."""

from dataclasses import replace

import cv2
import numpy as np
import pytest
from numpy.typing import NDArray
from skimage.data import astronaut
from torch import Tensor
from torch.nn import functional

from hoovik.face.embedded import EmbeddedFaceEncoder
from hoovik.face.encoder import DETECTOR_FILE, STUDENT_FILE, FaceTrack
from hoovik.schema.emotion import EMOTIONS
from tests.faces import BUNDLE
from training.build.metrics import recalls
from training.corpora.clip import CorpusError, Modality
from training.face.expressions import Expressions, ExpressionViewer, plain_crops
from training.face.fit_expression import (
    EXPRESSION_DESCENT,
    adjustment,
    draw_share,
    fit_expression,
    judge_expressions,
    voted,
)

from .media import clip

WEIGHTS = (BUNDLE / DETECTOR_FILE, BUNDLE / STUDENT_FILE)
MIDDLE = FaceTrack(cx=0.5, cy=0.5, side=0.7, roll=0.0)
N_CLASSES = len(EMOTIONS)

pytestmark = pytest.mark.usefixtures("one_thread")


def drawn(label: int, rng: np.random.Generator) -> NDArray[np.uint8]:
    """A picture in which a disc's height and grey tell the class; its side of the face does not."""
    picture = rng.integers(100, 140, (48, 48)).astype(np.uint8)
    at = int(rng.integers(18, 31)), 14 + 10 * (label // 2)
    cv2.circle(picture, at, 5, (20, 240)[label % 2], -1)
    return picture


def pictures(n: int, seed: int = 0) -> Expressions:
    """Classes in turn, of each of which everybody says the same."""
    rng = np.random.default_rng(seed)
    labels = np.arange(n) % N_CLASSES
    return Expressions(
        [drawn(int(label), rng) for label in labels],
        [MIDDLE] * n,
        np.eye(N_CLASSES, dtype=np.float32)[labels],
        labels,
        tuple(str(number) for number in range(n)),
        0,
    )


def test_faces_are_found_as_live_and_what_shows_none_is_counted() -> None:
    face = cv2.cvtColor(astronaut()[50:180, 155:285], cv2.COLOR_RGB2GRAY)
    close = cv2.resize(face, (48, 48), interpolation=cv2.INTER_AREA)
    finder = EmbeddedFaceEncoder.from_files(*WEIGHTS)
    media = cv2.imencode(".png", close)[1].tobytes()
    votes = (0.0, 0.2, 0.0, 0.6, 0.0, 0.0)
    seen = replace(clip("a", 3, modality=Modality.STILL, media=media), votes=votes)
    blank = replace(
        clip("b", modality=Modality.STILL, media=cv2.imencode(".png", 0 * close)[1].tobytes()),
        votes=votes,
    )
    unasked = clip("c", 3, modality=Modality.STILL, media=media)
    asked = voted([blank, seen, unasked])
    assert asked == [blank, seen]
    found = Expressions.of(asked, finder, WEIGHTS)
    assert (len(found), found.n_lost) == (1, 1)
    np.testing.assert_allclose(found.targets, [[0, 0.25, 0, 0.75, 0, 0]])
    assert found.labels.tolist() == [3]
    assert (found.tracks[0].cx, found.tracks[0].cy) == pytest.approx((0.5, 0.5), abs=0.1)
    assert plain_crops(found).shape == (1, 128, 128)
    with pytest.raises(CorpusError, match="no face is found in any of 1 pictures"):
        Expressions.of([blank], finder, WEIGHTS)


def test_a_crop_depends_on_the_generator_alone_and_stays_on_the_face() -> None:
    some = pictures(6)
    one, again, other = (
        ExpressionViewer(some, np.random.default_rng(seed)).crop(0) for seed in (1, 1, 2)
    )
    np.testing.assert_array_equal(one, again)
    assert (one != other).any()
    rng = np.random.default_rng(3)
    crops = [ExpressionViewer(some, rng).crop(3).astype(float) for _ in range(40)]
    # The disc of class 3 is in the middle, and light.
    row, column = np.unravel_index(np.mean(crops, axis=0).argmax(), (128, 128))
    assert (row, column) == pytest.approx((64, 64), abs=20)


def test_a_face_in_a_mirror_gives_the_crop_in_a_mirror() -> None:
    some = pictures(6)
    aside = [replace(MIDDLE, cx=0.45, roll=0.2)] * 6
    turned = [replace(one, cx=1 - one.cx, roll=-one.roll) for one in aside]
    mirrored = [np.ascontiguousarray(one[:, ::-1]) for one in some.images]
    crops = plain_crops(replace(some, tracks=aside)).astype(float)
    others = plain_crops(replace(some, images=mirrored, tracks=turned)).astype(float)
    difference = np.abs(others[:, :, ::-1] - crops).mean()
    assert difference < 0.15 * np.abs(others - crops).mean()


def test_what_is_rare_is_drawn_more_often_but_not_as_often_as_all_else() -> None:
    targets = np.eye(N_CLASSES, dtype=np.float32)[[0] * 96 + [1] * 4]
    share = draw_share(targets)
    assert share.sum() == pytest.approx(1)
    assert share[-1] / share[0] == pytest.approx(np.sqrt(96 / 4))
    assert share[96:].sum() == pytest.approx(2 / (2 + np.sqrt(96)))


def test_it_learns_from_votes() -> None:
    how = replace(EXPRESSION_DESCENT, epochs=2, batches=25, batch=24, average_decay=0.9)
    taught, judged = pictures(60), pictures(30, seed=1)
    network = fit_expression(taught, judged, how, seed=0)
    score = judge_expressions(network, judged, resamples=20)
    assert score.uar > 0.6  # by chance a sixth
    assert score.uar_interval is not None
    assert score.uar_interval[0] <= score.uar <= score.uar_interval[1]


def test_a_seed_gives_the_same_network_and_another_seed_another() -> None:
    how = replace(EXPRESSION_DESCENT, epochs=1, batches=2, batch=8)
    networks = [fit_expression(pictures(12), pictures(6), how, seed) for seed in (0, 0, 1)]
    one, again, other = (next(network.parameters()) for network in networks)
    assert one.equal(again)
    assert not one.equal(other)


def test_rare_classes_are_said_more_often_than_they_were_drawn() -> None:
    rng = np.random.default_rng(0)
    frequency = np.array([0.3, 0.3, 0.02, 0.3, 0.04, 0.04])
    labels = np.arange(3_000) % N_CLASSES
    knows = 4 * np.eye(N_CLASSES)[labels] + 1.5 * rng.standard_normal((len(labels), N_CLASSES))
    learned = knows + np.log(frequency)
    before, after = (recalls(one, labels) for one in (learned, learned + adjustment(frequency)))
    assert (after[[2, 4, 5]] > before[[2, 4, 5]] + 0.05).all()
    assert after.mean() > before.mean() + 0.05
    assert np.ptp(after) < 0.5 * np.ptp(before)


def test_a_score_counts_what_the_majority_says() -> None:
    some = replace(pictures(12), n_lost=2)

    def always_happy_but_angry(crops: Tensor) -> Tensor:
        said = [0 if label == 0 else 3 for label in some.labels]
        return 5.0 * functional.one_hot(Tensor(said).long(), N_CLASSES)[: len(crops)].float()

    score = judge_expressions(always_happy_but_angry, some)
    assert (score.n, score.n_lost) == (12, 2)
    assert score.accuracy == pytest.approx(2 / 6)
    assert score.uar == pytest.approx(2 / 6)
    assert score.recalls == pytest.approx(
        {emotion: float(emotion in {"angry", "happy"}) for emotion in EMOTIONS}
    )
    assert score.nll == pytest.approx(np.log(np.exp(5) + 5) - 5 * 2 / 6, rel=1e-5)
