"""Corpora of acted speech, sound only, whose file names say all: EMO-DB, EMOVO, nEMO, SAVEE."""

import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path

from training.corpora.clip import Clip, CorpusError, Modality
from training.corpora.labels import label_of

SOUND_FILES = frozenset({".wav", ".flac", ".opus", ".ogg"})


@dataclass(frozen=True, slots=True)
class Naming:
    """How a corpus names its files.

    Attributes:
        title: of the corpus.
        pattern: of a name without its ending, with the groups `speaker` and `emotion`.
        emotions: the word that each code stands for; a code that is not in it is a word itself.
        example: of a file.
        sexes: of the speakers, where the corpus says it.
    """

    title: str
    pattern: re.Pattern[str]
    emotions: Mapping[str, str]
    example: str
    sexes: Mapping[str, str] = field(default_factory=dict)


SPOKEN: dict[str, Naming] = {
    # Burkhardt et al. 2005, German: speaker, text, emotion, version.
    "emodb": Naming(
        "EMO-DB",
        re.compile(r"(?P<speaker>03|08|09|1[0-6])[ab]\d\d(?P<emotion>[WLEAFTN])[a-z]?"),
        {
            "W": "anger",
            "A": "fear",
            "E": "disgust",
            "F": "happiness",
            "T": "sadness",
            "N": "neutral",
            "L": "boredom",
        },
        "03a01Fa.wav",
        {
            **dict.fromkeys(("03", "10", "11", "12", "15"), "male"),
            **dict.fromkeys(("08", "09", "13", "14", "16"), "female"),
        },
    ),
    # Costantini et al. 2014, Italian: emotion, speaker, sentence.
    "emovo": Naming(
        "EMOVO",
        re.compile(r"(?P<emotion>rab|pau|dis|gio|tri|neu|sor)-(?P<speaker>[fm][1-3])-[a-z]+\d"),
        {
            "rab": "anger",
            "pau": "fear",
            "dis": "disgust",
            "gio": "joy",
            "tri": "sadness",
            "neu": "neutral",
            "sor": "surprise",
        },
        "rab-f1-b1.wav",
        {
            **dict.fromkeys(("f1", "f2", "f3"), "female"),
            **dict.fromkeys(("m1", "m2", "m3"), "male"),
        },
    ),
    # Christop 2024, Polish: speaker, emotion, sentence.
    "nemo": Naming(
        "nEMO",
        re.compile(
            r"(?P<speaker>[A-Z]{2}\d)_"
            r"(?P<emotion>anger|fear|happiness|neutral|sadness|surprised)_\d+"
        ),
        {},
        "EB0_anger_10.wav",
    ),
    # Jackson and Haq, British English, four men: speaker, emotion and sentence.
    "savee": Naming(
        "SAVEE",
        re.compile(r"(?P<speaker>DC|JE|JK|KL)_(?P<emotion>sa|su|[adfhn])\d\d"),
        {
            "a": "anger",
            "d": "disgust",
            "f": "fear",
            "h": "happiness",
            "n": "neutral",
            "sa": "sadness",
            "su": "surprise",
        },
        "DC_a01.wav",
        dict.fromkeys(("DC", "JE", "JK", "KL"), "male"),
    ),
}
"""By kind of corpus."""


def read_spoken(corpus: str, root: Path) -> list[Clip]:
    """Every utterance of a corpus in `SPOKEN`, in the order of the paths.

    Args:
        corpus: its kind.
        root: holds .wav, .flac, .opus or .ogg files, at any depth.

    Raises:
        CorpusError: no such file, or a name that is none of the corpus.
    """
    naming = SPOKEN[corpus]
    paths = sorted(path for path in root.rglob("*") if path.suffix.lower() in SOUND_FILES)
    if not paths:
        raise CorpusError(
            f"no {naming.title} under {root}; files such as {naming.example} expected"
        )
    return [_clip(corpus, naming, root, path) for path in paths]


def _clip(corpus: str, naming: Naming, root: Path, path: Path) -> Clip:
    match = naming.pattern.fullmatch(path.stem)
    if match is None:
        raise CorpusError(
            f"{path} has no name of {naming.title}; one such as {naming.example} expected"
        )
    speaker, emotion = match["speaker"], match["emotion"]
    return Clip(
        corpus=corpus,
        name=path.relative_to(root).as_posix(),
        speaker=f"{corpus}-{speaker}",
        sex=naming.sexes.get(speaker),
        label=label_of(naming.emotions.get(emotion, emotion)),
        modality=Modality.AUDIO,
        media=path,
    )
