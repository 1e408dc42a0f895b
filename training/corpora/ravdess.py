"""RAVDESS (Livingstone & Russo 2018): 24 actors, sound, video or both."""

import re
from pathlib import Path

from training.corpora.clip import Clip, CorpusError, Modality
from training.corpora.labels import label_of
from training.corpora.spoken import SOUND_FILES

_EMOTIONS = {
    "01": "neutral",
    "02": "calm",
    "03": "happy",
    "04": "sad",
    "05": "angry",
    "06": "fearful",
    "07": "disgust",
    "08": "surprised",
}
_MODALITIES = {"01": Modality.BOTH, "02": Modality.VIDEO, "03": Modality.AUDIO}
_SPEECH = "01"
_NAME = re.compile(r"(0[1-3])-(0[12])-(0[1-8])-(0[12])-(0[12])-(0[12])-(0[1-9]|1\d|2[0-4])")


def read_ravdess(root: Path) -> list[Clip]:
    """Every spoken take, in the order of the paths; songs are left out.

    Sound and video of a take that also lies there with both are the same material again, so that
    they are left out too.

    Args:
        root: holds .mp4, .wav, .flac, .opus or .ogg files, at any depth.

    Raises:
        CorpusError: no such file, or a name that is not RAVDESS's.
    """
    paths = sorted(
        path for path in root.rglob("*") if path.suffix.lower() in SOUND_FILES | {".mp4"}
    )
    takes: dict[tuple[str, ...], dict[Modality, Clip]] = {}
    for path in paths:
        fields = _fields(path)
        if fields[1] != _SPEECH:
            continue
        clip = _clip(root, path, fields)
        # The archive that goes round most often holds every file twice, in two folders.
        takes.setdefault(fields[1:], {}).setdefault(clip.modality, clip)
    clips = [
        clip
        for take in takes.values()
        for clip in take.values()
        if clip.modality is Modality.BOTH or Modality.BOTH not in take
    ]
    if not clips:
        raise CorpusError(
            f"no RAVDESS speech under {root}; files such as Actor_01/03-01-05-01-01-01-01.wav "
            "expected"
        )
    return sorted(clips, key=lambda clip: clip.name)


def _fields(path: Path) -> tuple[str, ...]:
    match = _NAME.fullmatch(path.stem)
    if match is None or (path.suffix.lower() == ".mp4") != (match[1] != "03"):
        raise CorpusError(
            f"{path} has no name of RAVDESS; MM-VC-EE-II-SS-RR-AA expected, with MM 01 or 02 for "
            "an .mp4 file and 03 for sound"
        )
    return match.groups()


def _clip(root: Path, path: Path, fields: tuple[str, ...]) -> Clip:
    actor = int(fields[6])
    return Clip(
        corpus="ravdess",
        name=path.relative_to(root).as_posix(),
        speaker=f"ravdess-{actor:02d}",
        sex="male" if actor % 2 else "female",
        label=label_of(_EMOTIONS[fields[2]]),
        modality=_MODALITIES[fields[0]],
        media=path,
    )
