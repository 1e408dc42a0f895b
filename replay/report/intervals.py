"""Table: the timeline of one participant in numbers, by equal intervals of the meeting."""

from collections.abc import Iterator, Sequence

import numpy as np

from hoovik.schema.emotion import EMOTIONS
from replay.figures import emotion_figures
from replay.report.clock import interval_s, span
from replay.report.markup import NONE, Html, share, table
from replay.report.tables import prob
from replay.timeline import ParticipantTimeline, Results

MOST_ROWS = 60


def timeline_table(one: ParticipantTimeline, tick_s: float) -> Html:
    """Means over each interval, of all results in it."""
    step_s = interval_s(one.duration_s, MOST_ROWS)
    rows = [
        (span(start, end), *_interval(_between(one.results, start, end, tick_s)))
        for start, end in _intervals(one, step_s)
    ]
    caption = (
        f"{one.participant}: mean probabilities every {_words(step_s)}; flagged results do not "
        "count in them"
    )
    columns = (
        "Time",
        *EMOTIONS,
        "Told most",
        "Results",
        "Flagged",
        "Uncertain",
        "With voice",
        "With face",
    )
    return table(caption, columns, rows)


def _intervals(one: ParticipantTimeline, step_s: int) -> Iterator[tuple[float, float]]:
    start_s = one.offset_s // step_s * step_s
    while start_s < one.offset_s + one.duration_s - 1e-6:
        yield start_s, start_s + step_s
        start_s += step_s


def _between(results: Results, start_s: float, end_s: float, tick_s: float) -> Results:
    # Times are multiples of a tick but for rounding, which must not move one out of its interval.
    slack = tick_s / 100
    first, end = np.searchsorted(results.time_s, (start_s - slack, end_s - slack))
    part = slice(int(first), int(end))
    return Results(
        time_s=results.time_s[part],
        probs=results.probs[part],
        emotion=results.emotion[part],
        uncertain=results.uncertain[part],
        profile=results.profile[part],
        anomaly=results.anomaly[part],
        reasons=results.reasons[part],
        anomaly_score=results.anomaly_score[part],
    )


def _interval(results: Results) -> tuple[str, ...]:
    figures = emotion_figures(results)
    top = figures.top()
    return (
        *(prob(value) for value in figures.mean_probs),
        NONE if top is None else EMOTIONS[top],
        f"{len(results):,}",
        f"{int(results.anomaly.sum()):,}",
        f"{figures.uncertain:,}",
        _part([profile.has_audio for profile in results.profile]),
        _part([profile.has_face for profile in results.profile]),
    )


def _part(flags: Sequence[bool]) -> str:
    return share(sum(flags) / len(flags)) if flags else NONE


def _words(step_s: int) -> str:
    if step_s == 1:
        return "second"
    if step_s % 60:
        return f"{step_s} seconds"
    return "minute" if step_s == 60 else f"{step_s // 60} minutes"
