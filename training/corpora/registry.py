"""Corpora by kind and place, as a command line names them."""

from collections.abc import Callable, Iterable
from functools import partial
from pathlib import Path

from hoovik.errors import ConfigurationError
from training.corpora.clip import Clip, CorpusError
from training.corpora.cremad import read_cremad
from training.corpora.faces import read_faces
from training.corpora.fer2013 import read_fer2013
from training.corpora.ferplus import read_ferplus
from training.corpora.manifest import read_manifest
from training.corpora.ravdess import read_ravdess
from training.corpora.spoken import SPOKEN, read_spoken

READERS: dict[str, Callable[[Path], list[Clip]]] = {
    "ravdess": read_ravdess,
    "cremad": read_cremad,
    **{corpus: partial(read_spoken, corpus) for corpus in SPOKEN},
    "fer2013": read_fer2013,
    "ferplus": read_ferplus,
    "faces": read_faces,
    "manifest": read_manifest,
}


def open_corpora(places: Iterable[str]) -> list[Clip]:
    """All clips of some corpora, one corpus after the other.

    Args:
        places: each a kind, a colon and a path, such as "ravdess:/data/ravdess".

    Raises:
        ConfigurationError: no kind or no path.
        CorpusError: a kind that nobody reads, or what its reader finds wrong.
    """
    clips: list[Clip] = []
    for place in places:
        kind, _, path = place.partition(":")
        if not kind or not path:
            raise ConfigurationError(
                f"corpus {place!r}; KIND:PATH expected, such as ravdess:/data/ravdess"
            )
        if kind not in READERS:
            raise CorpusError(f"no corpus of kind {kind!r}; one of {', '.join(READERS)} expected")
        clips += READERS[kind](Path(path).expanduser())
    return clips
