"""EMO-DB (Burkhardt et al. 2005): ten speakers of German, sound only."""

import re
from pathlib import Path

from training.corpora.clip import Clip, CorpusError, Modality
from training.corpora.labels import label_of
from training.corpora.ravdess import SOUND_FILES

SEXES = {
    **dict.fromkeys(("03", "10", "11", "12", "15"), "male"),
    **dict.fromkeys(("08", "09", "13", "14", "16"), "female"),
}
_EMOTIONS = {
    "W": "anger",
    "A": "fear",
    "E": "disgust",
    "F": "happiness",
    "T": "sadness",
    "N": "neutral",
    "L": "boredom",
}
_NAME = re.compile(r"(\d\d)([ab]\d\d)([WLEAFTN])([a-z]?)")


def read_emodb(root: Path) -> list[Clip]:
    """Every utterance, in the order of the names.

    Args:
        root: holds .wav, .flac, .opus or .ogg files, or a folder `wav` of them.

    Raises:
        CorpusError: no such file, or a name that is not EMO-DB's.
    """
    paths = sorted(
        path
        for folder in (root, root / "wav")
        for path in folder.glob("*")
        if path.suffix.lower() in SOUND_FILES
    )
    if not paths:
        raise CorpusError(f"no EMO-DB in {root}; files such as 03a01Fa.wav expected")
    return [_clip(root, path) for path in paths]


def _clip(root: Path, path: Path) -> Clip:
    match = _NAME.fullmatch(path.stem)
    if match is None or match[1] not in SEXES:
        raise CorpusError(
            f"{path} has no name of EMO-DB; speaker ({', '.join(sorted(SEXES))}), text, emotion "
            "(W, L, E, A, F, T, N) and version expected, such as 03a01Fa"
        )
    return Clip(
        corpus="emodb",
        name=path.relative_to(root).as_posix(),
        speaker=f"emodb-{match[1]}",
        sex=SEXES[match[1]],
        label=label_of(_EMOTIONS[match[3]]),
        modality=Modality.AUDIO,
        media=path,
    )
