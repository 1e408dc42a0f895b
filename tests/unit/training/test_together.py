from pathlib import Path

import numpy as np
import pytest

from hoovik.errors import ConfigurationError
from hoovik.layout import AUDIO_DIM
from tests.unit.training.extracts import extract_of
from training.build.together import Pairs, together
from training.corpora.clip import Modality
from training.extraction.encoding import Extracted

ACTORS, TAKES = 10, 6
HEADER = "AU01_r;AU12_r;speech;name;path;index"


def pairs(shared: float) -> Pairs:
    """Takes whose voice and face show their class, and err alike as far as `shared` says."""
    rng = np.random.default_rng(0)
    labels = np.tile(np.arange(6), ACTORS * TAKES)
    shown = 1.6 * np.eye(6)[labels]
    alike = rng.standard_normal(shown.shape)

    def seen() -> np.ndarray:
        own = rng.standard_normal(shown.shape)
        return shown + np.sqrt(shared) * alike + np.sqrt(1 - shared) * own

    actors = np.repeat([f"ravdess-{number:02d}" for number in range(ACTORS)], 6 * TAKES)
    return Pairs(seen(), seen(), labels, actors)


def test_errors_that_go_together_make_both_less_sure() -> None:
    found = together(pairs(shared=0.8), seed=0)
    assert 0.4 < found.ratio < 0.8
    of = found.figures["of"]
    assert of["both"]["uar"] < of["both, by label"]["uar"]
    assert of["both"]["ece"] < of["both, as if by label"]["ece"]


def test_errors_of_their_own_change_nothing() -> None:
    found = together(pairs(shared=0.0), seed=0)
    assert found.ratio > 0.9
    of = found.figures["of"]
    assert of["both"]["uar"] > max(of["voice"]["uar"], of["face"]["uar"]) + 0.05
    assert found.figures["n"] == 6 * ACTORS * TAKES
    assert found.figures["actors"] == ACTORS


def test_the_ratio_hardly_depends_on_which_pairs_were_drawn() -> None:
    own = pairs(shared=0.4)
    ratios = [together(own, seed).ratio for seed in range(4)]
    assert max(ratios) < 1
    assert max(ratios) - min(ratios) < 0.03


def heard(name: str, corpus: str = "ravdess") -> Extracted:
    speaker = f"ravdess-{name.removesuffix('.ogg')[-2:]}"
    return extract_of(
        Modality.AUDIO, name=name, speaker=speaker, corpus=corpus, label=3, spoken=[0, 1, 2]
    )


def test_the_face_of_a_voice_is_that_of_the_same_take(tmp_path: Path) -> None:
    table = tmp_path / "units.csv"
    names = [f"01-01-03-01-01-01-{actor:02d}" for actor in range(1, 7)]
    rows = [f"{place / 10};2;0.5;{name};{name};{place}" for place, name in enumerate(names)]
    table.write_text("\n".join([HEADER, *rows]))
    voices = [heard(f"03{name[2:]}.ogg") for name in reversed(names)]
    found = Pairs.of(table, [*voices, heard("03-01-03-01-01-01-01.ogg", corpus="emodb")])
    assert found is not None
    assert found.faces[:, 0].tolist() == [0.5, 0.4, 0.3, 0.2, 0.1, 0.0]
    assert found.voices.shape == (6, AUDIO_DIM)
    assert Pairs.of(table, voices[:4]) is None


def test_a_table_of_something_else_is_refused(tmp_path: Path) -> None:
    (tmp_path / "units.csv").write_text("name,AU01_r\na,1\n")
    for path in (tmp_path / "units.csv", tmp_path / "absent.csv"):
        with pytest.raises(ConfigurationError, match=path.name):
            Pairs.of(path, [])
