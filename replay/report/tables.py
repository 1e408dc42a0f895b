"""Tables: the figures behind each chart, over all results."""

from collections.abc import Iterable, Sequence
from pathlib import Path

import numpy as np

from hoovik.schema.emotion import EMOTIONS, Profile
from replay.figures import Coverage, EmotionFigures
from replay.report.clock import clock
from replay.report.links import address
from replay.report.markup import NONE, Html, element, escaped, share, table
from replay.timeline import MeetingTimeline
from replay.wording import PROFILE_WORDS, REASON_WORDS


def recordings_table(
    timeline: MeetingTimeline, covered: Sequence[Coverage], folder: Path | None
) -> Html:
    """What was read of each participant."""
    rows = [
        (
            one.participant,
            _linked(one.media, folder),
            clock(one.offset_s, digits=1),
            clock(one.duration_s, digits=1),
            f"{cover.results:,}",
            one.fault or "none",
        )
        for one, cover in zip(timeline.participants, covered, strict=True)
    ]
    columns = ("Participant", "Recording", "Begins at", "Length", "Results", "Fault")
    return table("What was read of each participant", columns, rows)


def shares_table(names: Sequence[str], figures: Sequence[EmotionFigures]) -> Html:
    """How often each emotion was told."""
    caption = "Share of the results by the emotion told; flagged results do not count"
    return _by_emotion(caption, names, figures, [map(share, one.shares) for one in figures])


def means_table(names: Sequence[str], figures: Sequence[EmotionFigures]) -> Html:
    """How probable each emotion was."""
    caption = "Mean probability of each emotion; flagged results do not count"
    return _by_emotion(caption, names, figures, [map(prob, one.mean_probs) for one in figures])


def coverage_table(names: Sequence[str], covered: Sequence[Coverage]) -> Html:
    """What results rest on."""
    rows = [
        (
            name,
            f"{one.ticks:,}",
            share(one.of_ticks(one.results)),
            share(one.of_ticks(one.audio)),
            share(one.of_ticks(one.face)),
            *(share(one.of_ticks(one.profiles[profile])) for profile in Profile),
            f"{one.flagged:,}",
            share(one.flagged_share),
            ", ".join(f"{REASON_WORDS[reason]} {n:,}" for reason, n in one.reasons.items()) or NONE,
        )
        for name, one in zip(names, covered, strict=True)
    ]
    columns = (
        "Participant",
        "Ticks",
        "With result",
        "With voice",
        "With face",
        *(PROFILE_WORDS[profile].capitalize() for profile in Profile),
        "Flagged",
        "Flagged share",
        "What is wrong with the input",
    )
    caption = (
        "Shares of each recording's ticks by what their result rests on, and the share of the "
        "results that are flagged. What is wrong counts where it is only told, too"
    )
    return table(caption, columns, rows)


def prob(value: float) -> str:
    """A probability; a dash where there is none."""
    return NONE if np.isnan(value) else f"{value:.2f}"


def _by_emotion(
    caption: str,
    names: Sequence[str],
    figures: Sequence[EmotionFigures],
    cells: Sequence[Iterable[str]],
) -> Html:
    rows = [
        (name, f"{one.n:,}", f"{one.uncertain:,}", *own)
        for name, one, own in zip(names, figures, cells, strict=True)
    ]
    return table(caption, ("Participant", "Results", "Uncertain", *EMOTIONS), rows)


def _linked(media: str, folder: Path | None) -> Html:
    link = address(media, folder)
    return escaped(media) if link is None else element("a", media, href=link, rel="noreferrer")
