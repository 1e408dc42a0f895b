"""A corpus of one's own: a CSV file with a row for each clip."""

import csv
import hashlib
from pathlib import Path

from hoovik.schema.emotion import EMOTIONS
from training.corpora.clip import Clip, CorpusError, Modality
from training.corpora.labels import LABELS

REQUIRED = ("path", "label", "speaker", "modality")
OPTIONAL = ("sex", "corpus")
RESERVED = frozenset({"fer2013", "ferplus", "faces"})
"""Corpora that are split by a rule of their own reader's making."""


def read_manifest(path: Path) -> list[Clip]:
    """Every row's clip, in order.

    Args:
        path: of a CSV file with the columns path (from the CSV's own folder), label, speaker,
            modality (audio, video, both, still) and, where known, sex (female, male) and corpus
            (else the CSV's name). A still of nobody known may leave the speaker empty.

    Raises:
        CorpusError: no such file, no such columns, or naming the row and what is wrong with it.
    """
    if not path.is_file():
        raise CorpusError(f"no manifest at {path}; a CSV file expected")
    with path.open(newline="", encoding="utf-8-sig") as opened:
        reader = csv.DictReader(opened)
        columns = tuple(reader.fieldnames or ())
        if not set(REQUIRED) <= set(columns) <= set(REQUIRED + OPTIONAL):
            raise CorpusError(
                f"{path} has the columns {', '.join(columns) or 'none'}; {', '.join(REQUIRED)} and "
                f"perhaps {', '.join(OPTIONAL)} expected"
            )
        clips = []
        for number, row in enumerate(reader, start=1):
            try:
                fields = {key: (value or "").strip() for key, value in row.items() if key}
                clips.append(_clip(path, fields))
            except ValueError as error:
                raise CorpusError(f"{path}, row {number}: {error}") from error
    if not clips:
        raise CorpusError(f"{path} has no rows; one for each clip expected")
    return clips


def _clip(manifest: Path, row: dict[str, str]) -> Clip:
    media = manifest.parent / row["path"]
    if not row["path"] or not media.is_file():
        raise ValueError(f"no file {media}")
    corpus = row.get("corpus", "") or manifest.stem
    if corpus in RESERVED:
        raise ValueError(f"the corpus {corpus} has a reader of its own; another name expected")
    label, modality, sex = row["label"].lower(), row["modality"].lower(), row.get("sex", "").lower()
    if label not in LABELS:
        raise ValueError(f"no label {row['label']!r}; one of {', '.join(EMOTIONS)} expected")
    if modality not in set(Modality):
        raise ValueError(f"no modality {row['modality']!r}; one of {', '.join(Modality)} expected")
    if sex not in {"", "female", "male"}:
        raise ValueError(f"no sex {row['sex']!r}; female, male or nothing expected")
    return Clip(
        corpus=corpus,
        name=row["path"],
        speaker=_speaker(corpus, row["speaker"], Modality(modality), media),
        sex=sex or None,
        label=LABELS[label],
        modality=Modality(modality),
        media=media,
    )


def _speaker(corpus: str, given: str, modality: Modality, media: Path) -> str:
    """The speaker with the corpus before it, numbers at two digits, as the other readers do it."""
    own = given.removeprefix(f"{corpus}-")
    if not own:
        if modality is not Modality.STILL:
            raise ValueError("no speaker; only a still may be of nobody known")
        own = hashlib.sha256(media.read_bytes()).hexdigest()[:16]
    elif own.isdecimal():
        own = f"{int(own):02d}"
    return f"{corpus}-{own}"
