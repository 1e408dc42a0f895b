"""Captions of one participant as WebVTT (https://www.w3.org/TR/webvtt1/)."""

from replay.stretches import Stretch, runs
from replay.timeline import ParticipantTimeline
from replay.wording import EXPRESSED, PROFILE_WORDS

MS = 1000


def webvtt(one: ParticipantTimeline, tick_s: float, *, untrained: bool = False) -> str:
    """Captions on the recording's own clock, so that a player can show them with it.

    Neighbours with the same emotion, profile and doubt make one cue, with their mean confidence. Flagged
    results and gaps have none.

    Args:
        one: the participant.
        tick_s: distance of results where nothing is missing.
        untrained: whether each cue has to say that the models know nothing.
    """
    blocks = ["WEBVTT", f"NOTE\n{_line(one.participant)}\n{EXPRESSED}"]
    results = one.results
    keys = [
        None if flagged else f"{emotion} {profile} {uncertain}"
        for emotion, profile, uncertain, flagged in zip(
            results.emotion, results.profile, results.uncertain, results.anomaly, strict=True
        )
    ]
    for stretch in runs(keys, one, tick_s):
        start, end = (
            max(round((time_s - one.offset_s) * MS), 0)
            for time_s in (stretch.start_s, stretch.end_s)
        )
        if end > start:
            blocks.append(
                f"{timestamp(start)} --> {timestamp(end)}\n{_text(one, stretch, untrained)}"
            )
    return "\n\n".join(blocks) + "\n"


def timestamp(ms: int) -> str:
    """Hours, minutes, seconds and milliseconds; hours have as many digits as they need."""
    seconds, ms = divmod(ms, MS)
    minutes, seconds = divmod(seconds, 60)
    hours, minutes = divmod(minutes, 60)
    return f"{hours:02}:{minutes:02}:{seconds:02}.{ms:03}"


def escaped(text: str) -> str:
    """Text that no parser of WebVTT takes for markup or for an arrow of a timing line."""
    return text.replace("&", "&amp;").replace("<", "&lt;").replace(">", "&gt;")


def _text(one: ParticipantTimeline, stretch: Stretch, untrained: bool) -> str:
    confidence = one.results.confidence[stretch.first : stretch.first + stretch.n].mean()
    words = (
        *(["untrained"] if untrained else []),
        one.results.emotion[stretch.first],
        *(["unsure"] if one.results.uncertain[stretch.first] else []),
        f"{confidence:.0%}",
        PROFILE_WORDS[one.results.profile[stretch.first]],
    )
    return _line(" · ".join(words))


def _line(text: str) -> str:
    """One line; an empty one would end the block."""
    return escaped(" ".join(text.replace("\0", "").split())) or "–"
