"""Whether what goes wrong in a meeting is noticed: corrupted clips, judged as the session judges."""

from collections import defaultdict
from collections.abc import Sequence
from typing import Any

import numpy as np
from numpy.typing import NDArray

from hoovik.schema.emotion import EMOTIONS, Profile
from hoovik.schema.outbound import Emotion
from hoovik.schema.reason import UNUSUAL, Reason, is_unfit
from training.evaluation.corrupting import CORRUPTIONS
from training.evaluation.figures import rounded, score_histogram
from training.evaluation.sessions import Sessions, Told, due, rests_on
from training.evaluation.subjects import Judged, seeded
from training.evaluation.ticks import Subject

FORESTS = frozenset(UNUSUAL.values())


def corruption_figures(
    judged: Judged, subjects: Sequence[Subject], clean: Sequence[Told], sessions: Sessions
) -> dict[str, dict[str, Any]]:
    """How much of each corruption is caught, on the ticks at which the clean clips have a result.

    A tick is withheld where there is no result or one that rests on the other modality alone,
    flagged where the result is. Shares are means over clips. What is said of the same clips as
    they are is taken off: a session that flags everything catches everything.

    Args:
        judged: of one profile.
        subjects: of it that are corrupted.
        clean: what is told of them as they are.
        sessions: to play them in.

    Returns:
        For each corruption the `profile`, `n` clips, shares `withheld`, `flagged`, `by_forest`
        (flagged, and no rule says why), `reasons` (of the ticks, each that is given), `caught`,
        `clean` (caught of the same clips as they are) and `caught_minus_clean`; and the
        `anomaly_scores`.
    """
    profile = judged.profile
    spans = [due(told, profile) for told in clean]
    as_they_are = _caught(clean, spans, profile)["caught"]
    figures = {}
    for name, wrong in CORRUPTIONS.items():
        if not (profile.has_audio if wrong.of_voice else profile.has_face):
            continue
        found = _caught(sessions.tell(subjects, wrong), spans, profile)
        both = found["caught"] is not None and as_they_are is not None
        figures[f"{name} in both" if judged.pairs else name] = {
            "profile": profile.value,
            **found,
            "clean": as_they_are,
            "caught_minus_clean": rounded(found["caught"] - as_they_are) if both else None,
        }
    return figures


def stratified(subjects: Sequence[Subject], cap: int, seed: int) -> list[Subject]:
    """At most `cap` subjects, the classes as evenly as they allow, drawn by seed."""
    drawn = {
        label: sorted(
            (one for one in subjects if one.label == label),
            key=lambda one: seeded(one.clip, seed, "corrupted").random(),
        )
        for label in range(len(EMOTIONS))
    }
    rounds = max(map(len, drawn.values()), default=0)
    in_turn = [own[place] for place in range(rounds) for own in drawn.values() if place < len(own)]
    return in_turn[:cap]


def _caught(told: Sequence[Told], spans: Sequence[list[int]], profile: Profile) -> dict[str, Any]:
    withheld, flagged, by_forest = [], [], []
    reasons: defaultdict[Reason, float] = defaultdict(float)
    said: list[Emotion] = []
    clips = [(one, span) for one, span in zip(told, spans, strict=True) if span]
    for one, span in clips:
        results = [one.get(number) for number in span]
        there = [result for result in results if result and rests_on(result, profile)]
        unfit = [result for result in there if result.anomaly]
        withheld.append(1 - len(there) / len(span))
        flagged.append(len(unfit) / len(span))
        by_forest.append(sum(_forest_alone(result) for result in unfit) / len(span))
        for result in filter(None, results):
            for reason in result.anomaly_reasons:
                reasons[reason] += 1 / len(span) / len(clips)
        said += there
    return {
        "n": len(clips),
        "caught": _mean(np.add(withheld, flagged)),
        "withheld": _mean(withheld),
        "flagged": _mean(flagged),
        "by_forest": _mean(by_forest),
        "reasons": {reason.value: rounded(share) for reason, share in sorted(reasons.items())},
        "anomaly_scores": score_histogram(
            np.array([result.anomaly_score for result in said]),
            np.array([Reason.TOO_SHORT not in result.anomaly_reasons for result in said], bool),
        ),
    }


def _forest_alone(result: Emotion) -> bool:
    by_rules = [reason for reason in result.anomaly_reasons if reason not in FORESTS]
    return not is_unfit(by_rules, result.modality)


def _mean(shares: Sequence[float] | NDArray[np.floating]) -> float | None:
    return rounded(np.mean(shares)) if len(shares) else None
