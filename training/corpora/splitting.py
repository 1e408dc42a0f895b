"""Clips to splits: whole speakers, by the project's own tables and rules, else by a seed.

The encoders were trained with the tables and rules of `training.splits`, so these decide wherever
they apply; only who is in none of them is drawn.
"""

import zlib
from collections import Counter, defaultdict
from collections.abc import Iterable, Sequence

import numpy as np

from training.corpora.clip import Clip, CorpusError
from training.corpora.faces import letters_of
from training.corpora.fer2013 import USAGES
from training.splits import (
    EMODB_SPEAKERS,
    RAVDESS_ACTORS,
    TRAINING_ONLY,
    Split,
    face_split,
    fer2013_split,
    ferplus_split,
)

SHARES: dict[Split, float] = {
    Split.TRAIN: 0.60,
    Split.VALIDATION: 0.12,
    Split.CALIBRATION: 0.12,
    Split.TEST: 0.16,
}
"""Of a corpus's speakers."""

DRAWS = 500
"""Tries to draw speakers so that every split has every class, before the corpus is refused."""

RULES = {"fer2013": "content", "ferplus": "content", "faces": "name"}
"""Corpora whose owners are thousands: what of a picture decides its split."""

TABLES: dict[str, dict[str, Split]] = {
    "ravdess": {
        f"ravdess-{actor:02d}": split
        for split, actors in RAVDESS_ACTORS.items()
        for actor in actors
    },
    "emodb": {
        f"emodb-{speaker:02d}": split
        for split, speakers in EMODB_SPEAKERS.items()
        for speaker in speakers
    },
}


def split_clips(clips: Sequence[Clip], seed: int) -> dict[Split, list[Clip]]:
    """Put every clip where its speaker belongs.

    Args:
        clips: of any corpora.
        seed: of what is drawn. A corpus is drawn alike whatever other corpora there are.

    Returns:
        For each split its clips, in their order.

    Raises:
        CorpusError: a corpus with too few speakers for every split to have every class of it.
    """
    by_corpus: dict[str, list[Clip]] = defaultdict(list)
    for clip in clips:
        by_corpus[clip.corpus].append(clip)
    splits = {
        corpus: (_ruled(corpus, members) if corpus in RULES else _assigned(corpus, members, seed))
        for corpus, members in by_corpus.items()
    }
    sorted_clips: dict[Split, list[Clip]] = {split: [] for split in Split}
    for clip in clips:
        sorted_clips[splits[clip.corpus][clip.speaker]].append(clip)
    return sorted_clips


def ruled_split(clip: Clip) -> Split:
    """Split of one clip of a corpus in `RULES`, by that rule alone."""
    if clip.corpus == "faces":
        return face_split(letters_of(clip.name))
    if clip.usage == "PrivateTest":
        return Split.TEST
    split = ferplus_split if clip.corpus == "ferplus" else fer2013_split
    return split(clip.usage or "", clip.digest())


def _ruled(corpus: str, clips: list[Clip]) -> dict[str, Split]:
    if corpus == "faces":
        return {clip.speaker: ruled_split(clip) for clip in clips}
    # The published table holds some pictures in two of its parts. They count as the part that is
    # trained on, which never makes a test easier.
    first: dict[str, Clip] = {}
    for clip in sorted(clips, key=lambda one: USAGES.index(one.usage or "")):
        first.setdefault(clip.speaker, clip)
    return {speaker: ruled_split(clip) for speaker, clip in first.items()}


def _assigned(corpus: str, clips: list[Clip], seed: int) -> dict[str, Split]:
    sexes = {clip.speaker: clip.sex for clip in clips}
    if corpus in TRAINING_ONLY:
        return dict.fromkeys(sexes, Split.TRAIN)
    table = TABLES.get(corpus, {})
    fixed = {speaker: table[speaker] for speaker in sexes if speaker in table}
    drawn = {speaker: sex for speaker, sex in sorted(sexes.items()) if speaker not in fixed}
    if not drawn:
        return fixed
    vacancies = _vacancies(len(drawn), Counter(fixed.values()))
    rng = np.random.default_rng([seed, zlib.crc32(corpus.encode())])
    for _ in range(DRAWS):
        splits = {**fixed, **_draw(drawn, vacancies, rng)}
        if _covers(clips, splits):
            return splits
    raise CorpusError(
        f"{corpus} has {len(sexes)} speakers, too few for {len(Split)} splits with every class in "
        "each; at least one speaker of every class for every split expected"
    )


def _vacancies(n_drawn: int, fixed: Counter[Split]) -> list[Split]:
    """A split for each speaker to be drawn: first one for each, then where most are lacking."""
    have, total = Counter(fixed), n_drawn + fixed.total()
    for _ in range(n_drawn):
        neediest = max(
            Split, key=lambda split: (have[split] == 0, SHARES[split] * total - have[split])
        )
        have[neediest] += 1
    return [split for split in Split for _ in range(have[split] - fixed[split])]


def _draw(
    sexes: dict[str, str | None], vacancies: list[Split], rng: np.random.Generator
) -> dict[str, Split]:
    """Speakers to splits, each of which gets its share of either sex.

    Systematic sampling: each sex is spread evenly over one line, which is then cut into splits.
    """
    places: list[tuple[float, str]] = []
    for sex in sorted({sex or "" for sex in sexes.values()}):
        same = [speaker for speaker, own in sexes.items() if (own or "") == sex]
        spread = (np.arange(len(same)) + rng.random()) / len(same)
        places += zip(spread.tolist(), rng.permutation(same).tolist(), strict=True)
    line = [speaker for _, speaker in sorted(places)]
    return dict(zip(line, vacancies, strict=True))


def _covers(clips: Iterable[Clip], splits: dict[str, Split]) -> bool:
    seen: dict[Split, set[int]] = {split: set() for split in Split}
    for clip in clips:
        if clip.label is not None:
            seen[splits[clip.speaker]].add(clip.label)
    return len({frozenset(labels) for labels in seen.values()}) == 1
