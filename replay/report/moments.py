"""Moments of change, as links to the charts and into the recordings."""

from collections.abc import Sequence
from pathlib import Path

from replay.changes import APART_S, FLOOR, MOST, WINDOW_S, Change
from replay.report.clock import clock
from replay.report.links import media_link
from replay.report.markup import NONE, Html, element, escaped, folded, joined, table
from replay.timeline import ParticipantTimeline

AT_ONCE = 15
"""How many moments are shown before the rest is folded."""

EXPLAINED = (
    f"Where the mean probabilities of the {WINDOW_S:.0f} seconds before and after differ most. "
    f"Size is their Jensen-Shannon distance: 0 is none, 1 is all; from {FLOOR:g} on, at least "
    f"{APART_S:.0f} seconds apart, {MOST} a participant at most. It is a place to look at, and "
    "says nothing of why."
)


def chart_id(place: int) -> str:
    """Of the timeline of the participant at this place, from 0."""
    return f"timeline-{place + 1}"


def moments_table(
    participants: Sequence[ParticipantTimeline],
    moments: Sequence[Sequence[Change]],
    folder: Path | None,
) -> Html:
    """The moments of all participants, by time; where they are many, the smaller ones folded."""
    found = [(change, place) for place, those in enumerate(moments) for change in those]
    if not found:
        return element("p", "No change is large enough to be listed.")
    found.sort(key=lambda one: -one[0].size)

    def listed(caption: str, some: Sequence[tuple[Change, int]]) -> Html:
        rows = [
            (
                to_chart(change.time_s, place),
                participants[place].participant,
                _words(change),
                f"{change.size:.2f}",
                _to_recording(participants[place], change, folder),
            )
            for change, place in sorted(some, key=lambda one: (one[0].time_s, one[1]))
        ]
        return table(caption, ("Time", "Participant", "Change", "Size", "Recording"), rows)

    large, small = found[:AT_ONCE], found[AT_ONCE:]
    if not small:
        return listed("Moments of change", large)
    return joined(
        [
            listed(f"The {len(large)} largest changes", large),
            folded(f"{len(small)} smaller changes", listed("Smaller changes", small)),
        ]
    )


def to_chart(time_s: float, place: int) -> Html:
    """A link to a time in the timeline at this place."""
    return element(
        "a",
        clock(time_s),
        href=f"#{chart_id(place)}",
        data_time=f"{time_s:.3f}",
        aria_label=f"{clock(time_s)}, show in the chart",
    )


def _words(change: Change) -> Html:
    words = f"{change.before} ({change.before_prob:.2f}) → {change.after} ({change.after_prob:.2f})"
    if not change.profile_changed:
        return escaped(words)
    return joined([words, " ", element("small", "What it rests on changed too.")])


def _to_recording(one: ParticipantTimeline, change: Change, folder: Path | None) -> Html:
    own_s = change.time_s - one.offset_s
    link = media_link(one.media, own_s, folder)
    if link is None:
        return escaped(NONE)
    return element(
        "a",
        f"at {clock(own_s)}",
        href=link,
        rel="noreferrer",
        aria_label=f"Recording of {one.participant} at {clock(own_s)}",
    )
