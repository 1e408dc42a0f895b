import numpy as np
import pytest

from hoovik.schema.emotion import Profile
from hoovik.session.smoothing import Smoother, told
from hoovik.settings import SessionSettings

ANGRY = np.array([1, 0, 0, 0, 0, 0], np.float32)
HAPPY = np.array([0, 0, 0, 1, 0, 0], np.float32)


@pytest.fixture
def smoother() -> Smoother:
    return Smoother(SessionSettings())


def test_the_newest_weighs_sixty_five_percent(smoother: Smoother) -> None:
    smoother.update(ANGRY, Profile.BOTH, 0.0)
    mean = smoother.update(HAPPY, Profile.BOTH, 0.3)
    assert mean == pytest.approx([0.35, 0, 0, 0.65, 0, 0])


@pytest.mark.parametrize(("gap_s", "kept"), [(1.99, 0.35), (2.01, 0.0)])
def test_it_starts_anew_after_two_seconds(smoother: Smoother, gap_s: float, kept: float) -> None:
    smoother.update(ANGRY, Profile.BOTH, 0.0)
    assert smoother.update(HAPPY, Profile.BOTH, gap_s)[0] == pytest.approx(kept)


def test_it_starts_anew_with_another_profile(smoother: Smoother) -> None:
    smoother.update(ANGRY, Profile.BOTH, 0.0)
    assert smoother.update(HAPPY, Profile.AUDIO_ONLY, 0.3)[0] == 0


def test_the_label_is_the_most_probable_and_doubt_stands_beside_it() -> None:
    open_ = np.array([0.44, 0.16, 0.1, 0.1, 0.1, 0.1], np.float32)
    label, confidence, uncertain = told(open_, least=0.15)
    assert (label, uncertain) == ("angry", True)  # fearful is a member as well
    assert confidence == pytest.approx(0.44)
    assert told(open_, least=0.2)[2] is False
    assert told(open_, least=0.5)[2] is True  # no class is a member
    assert told(ANGRY, least=0.5) == ("angry", 1.0, False)
