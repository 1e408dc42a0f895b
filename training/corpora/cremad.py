"""CREMA-D (Cao et al. 2014): 91 actors, sound and Flash video."""

import csv
import re
from pathlib import Path

from training.corpora.clip import Clip, CorpusError, Modality
from training.corpora.labels import label_of

DEMOGRAPHICS = "VideoDemographics.csv"
_NAME = re.compile(r"(\d{4})_([A-Z]{3})_(ANG|DIS|FEA|HAP|NEU|SAD)_(LO|MD|HI|XX?)")


def read_cremad(root: Path) -> list[Clip]:
    """Every take, in the order of the names; of one that lies there twice, the video is kept.

    Args:
        root: holds AudioWAV/*.wav, VideoFlash/*.flv or *.mp4, or both; and, for the actors' sex,
            VideoDemographics.csv.

    Raises:
        CorpusError: no such file, a name that is not CREMA-D's, or demographics that do not parse.
    """
    sexes = _sexes(root / DEMOGRAPHICS)
    takes = {
        path.stem: _clip(root, path, sexes)
        for path in (
            # Later ones replace earlier ones: a video has the same sound as the wav of its take.
            *sorted(root.glob("AudioWAV/*.wav")),
            *sorted(root.glob("VideoFlash/*.flv")),
            *sorted(root.glob("VideoFlash/*.mp4")),
        )
    }
    if not takes:
        raise CorpusError(
            f"no CREMA-D under {root}; AudioWAV/1001_DFA_ANG_XX.wav and the like, or "
            "VideoFlash/1001_DFA_ANG_XX.flv, expected"
        )
    return [takes[stem] for stem in sorted(takes)]


def _clip(root: Path, path: Path, sexes: dict[str, str]) -> Clip:
    match = _NAME.fullmatch(path.stem)
    if match is None:
        raise CorpusError(
            f"{path} has no name of CREMA-D; actor_sentence_EMOTION_level expected, such as "
            "1001_DFA_ANG_XX"
        )
    return Clip(
        corpus="cremad",
        name=path.relative_to(root).as_posix(),
        speaker=f"cremad-{match[1]}",
        sex=sexes.get(match[1]),
        label=label_of(match[3]),
        modality=Modality.AUDIO if path.suffix == ".wav" else Modality.BOTH,
        media=path,
    )


def _sexes(path: Path) -> dict[str, str]:
    if not path.is_file():
        return {}
    with path.open(newline="", encoding="utf-8-sig") as opened:
        rows = list(csv.DictReader(opened))
    sexes = {row.get("ActorID"): str(row.get("Sex")).strip().lower() for row in rows}
    if not rows or not set(sexes.values()) <= {"female", "male"}:
        raise CorpusError(f"{path} does not parse; columns ActorID and Sex (Female, Male) expected")
    return {str(actor): sex for actor, sex in sexes.items()}
