"""What compare.json holds: a comparison in figures that a program can read."""

from dataclasses import asdict
from typing import Any

from hoovik.schema.emotion import EMOTIONS
from replay.comparison.agreement import Agreement
from replay.comparison.comparing import Comparison
from replay.comparison.runs import Run
from replay.summary import rounded


def comparison_figures(comparison: Comparison) -> dict[str, Any]:
    """Plain values for `json.dumps`; a figure that does not exist is None.

    Times are seconds on the meeting's clock. Shares are 0..1, of the matched results; those under
    `unflagged` are of the results that neither run flags. `labels` counts results by the label of
    run A, then by that of run B. Stretches come longest first.
    """
    return {
        "a": _run(comparison.a),
        "b": _run(comparison.b),
        "tick_s": rounded(comparison.tick_s),
        "overall": _agreement(comparison.overall),
        "participants": [
            {
                "meeting": one.meeting,
                "participant": one.participant,
                **_agreement(one.agreement),
                "stretches": len(one.stretches),
            }
            for one in comparison.participants
        ],
        "stretches": [
            {
                name: rounded(value) if isinstance(value, float) else value
                for name, value in asdict(stretch).items()
            }
            for stretch in comparison.stretches
        ],
    }


def _run(run: Run) -> dict[str, Any]:
    return {
        "folder": run.name,
        "bundles": list(run.bundles),
        "untrained": run.untrained,
        "meetings": len({meeting for meeting, _ in run.results}),
        "participants": len(run.results),
        "results": len(run),
    }


def _agreement(figures: Agreement) -> dict[str, Any]:
    interval = figures.equal_interval
    return {
        "matched": figures.n,
        "only_a": figures.only_a,
        "only_b": figures.only_b,
        "equal": figures.equal,
        "equal_share": rounded(figures.equal_share),
        "equal_interval": None if interval is None else [rounded(bound) for bound in interval],
        "kappa": rounded(figures.kappa),
        "difference_mean": rounded(figures.difference_mean),
        "difference_p98": rounded(figures.difference_p98),
        "same_profile_share": rounded(figures.of_matched(figures.same_profile)),
        "same_flag_share": rounded(figures.of_matched(figures.same_flag)),
        "flagged": {
            "a": figures.flagged_a,
            "b": figures.flagged_b,
            "both": figures.flagged_both,
        },
        "unflagged": {
            "n": figures.usual,
            "equal": figures.usual_equal,
            "equal_share": rounded(figures.usual_equal_share),
        },
        "labels": {
            emotion: dict(zip(EMOTIONS, row, strict=True))
            for emotion, row in zip(EMOTIONS, figures.table.tolist(), strict=True)
        },
    }
