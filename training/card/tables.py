"""The measured figures as tables."""

from collections.abc import Mapping, Sequence

from hoovik.schema.emotion import EMOTIONS
from training.card.markdown import HEADINGS, Figures, figure, judged, table
from training.corpora.record import SplitsRecord
from training.extraction.report import QualityReport
from training.splits import Split

ABLATIONS = {
    "transformer": "the transformer alone",
    "trees": "the trees alone",
    "linear": "the logistic regression alone",
    "without_calibration": "without calibration",
    "majority": "always the test's own frequencies",
}


def splits_table(splits: SplitsRecord) -> str:
    """Clips and people of each corpus in each split."""
    rows = []
    for corpus, own in splits.corpora.items():
        # Who is in a picture of a corpus split by content is not known.
        people = {} if own.rule == "content" else own.owners
        cells = [
            f"{own.clips.get(split.value, 0):,}"
            + (f" of {people[split.value]:,} people" if people.get(split.value) else "")
            for split in Split
        ]
        rows.append((corpus, *cells))
    return table(("corpus, clips", *(split.value for split in Split)), rows)


def quality_table(quality: QualityReport) -> str:
    """What could be read, heard and seen of each corpus."""
    header = (
        "corpus",
        "clips",
        "unreadable",
        "sounds with speech",
        "ticks with speech",
        "frames with a face",
        "stills with a face",
        "vectors not finite",
        "same content twice",
        "of these with another label",
    )
    rows = [
        (
            corpus,
            f"{own.clips:,}",
            len(own.unreadable),
            _share(own.sounds_with_speech, own.sounds),
            _share(own.speech_ticks, own.ticks),
            _share(own.frames_with_face, own.frames),
            _share(own.stills_with_face, own.stills),
            own.not_finite,
            len(own.duplicates),
            len(own.conflicts),
        )
        for corpus, own in quality.corpora.items()
    ]
    return table(header, rows)


def profiles_table(figures: Figures) -> str:
    """How good each profile is, and how well its probabilities are calibrated."""
    header = (
        "profile",
        "n",
        "people or pictures",
        "accuracy",
        "UAR (95 % interval)",
        "ECE before, after",
        "NLL before, after",
        "Brier before, after",
        "flagged as unusual",
    )
    rows = []
    for profile, one in judged(figures).items():
        low, high = one["uar_ci"]
        before = one["uncalibrated"]
        rows.append(
            (
                HEADINGS[profile],
                f"{one['n']:,}",
                f"{one['speakers']:,}",
                figure(one["accuracy"]),
                f"{figure(one['uar'])} ({figure(low)} to {figure(high)})",
                *(
                    f"{figure(before[name])}, {figure(one[name])}"
                    for name in ("ece", "nll", "brier")
                ),
                _flagged(one),
            )
        )
    return table(header, rows)


def _flagged(one: Figures) -> str:
    on_test = figure(one["anomaly_rate"], ".1%")
    on_validation = one.get("anomaly_rate_validation")
    if on_validation is None:
        return on_test
    return f"{on_test}, {figure(on_validation, '.1%')} on validation"


def together_table(figures: Figures) -> str | None:
    """Regressions of voice, face and both on true pairs and on pairs by label."""
    judged_together = figures.get("together")
    if judged_together is None or "of" not in judged_together:
        return None
    rows = [
        (what, _with_interval(one["uar"], one["uar_interval"]), one["ece"], one["nll"])
        for what, one in judged_together["of"].items()
    ]
    return table(("judged", "UAR (95 % of actors)", "ECE", "NLL"), rows)


def tick_table(figures: Figures) -> str | None:
    """How good and how honest single ticks are; None where that was not measured."""
    rows = []
    for profile, own in judged(figures, having="by_tick").items():
        one, before = own["by_tick"], own["by_tick"]["uncalibrated"]
        pairs = (f"{figure(before[name])}, {figure(one[name])}" for name in ("ece", "nll", "brier"))
        rows.append((HEADINGS[profile], f"{one['n']:,}", figure(one["uar"]), *pairs))
    header = ("single ticks", "n", "UAR")
    columns = (f"{name} before, after" for name in ("ECE", "NLL", "Brier"))
    return table((*header, *columns), rows) if rows else None


def prior_table(figures: Figures) -> str | None:
    """Class frequencies at which the bundle is calibrated and told; None where not said."""
    priors: Mapping[str, Figures] = figures.get("priors", {})
    rows = [
        (name, *(figure(prior[emotion], ".2f") for emotion in EMOTIONS))
        for name, prior in priors.items()
    ]
    return table(("prior", *EMOTIONS), rows) if rows else None


def told_table(figures: Figures) -> str | None:
    """What a client is told in a meeting; None where that was not measured."""
    keys = ("accuracy", "uar", "uncertain", "coverage", "accuracy_certain", "uar_certain")
    shares = {"uncertain", "coverage"}
    rows = [
        (
            HEADINGS[profile],
            *(figure(one["told"].get(key), ".1%" if key in shares else ".3f") for key in keys),
        )
        for profile, one in judged(figures, having="told").items()
    ]
    header = ("told", "accuracy", "UAR", "uncertain", "sets with the right one")
    certain = ("accuracy where certain", "UAR where certain")
    return table((*header, *certain), rows) if rows else None


def flagged_table(figures: Figures) -> str | None:
    """Whether what is flagged is wrong more often; None where that was not measured."""
    keys = ("flagged_right", "flagged_wrong", "passed_right", "passed_wrong")
    rows = [
        (HEADINGS[profile], *(figure(one["told"].get(key), ".1%") for key in keys))
        for profile, one in judged(figures, having="told").items()
    ]
    header = ("told", "flagged and right", "flagged and wrong", "passed and right")
    return table((*header, "passed and wrong"), rows) if rows else None


def speaker_table(figures: Figures) -> str | None:
    """What is told of single speakers, on average and at worst; None where none has enough clips."""
    rows = []
    for profile, one in judged(figures, having="told").items():
        own = one["told"].get("by_speaker")
        if own:
            least, worst = own["coverage_worst"], own["worst"]
            rows.append(
                (
                    HEADINGS[profile],
                    own["speakers"],
                    figure(own["coverage_mean"], ".1%"),
                    f"{figure(least['coverage'], '.1%')} (n = {least['n']})",
                    f"{figure(worst['accuracy'])}, {figure(worst['uar'])} (n = {worst['n']})",
                )
            )
    header = ("told, by speaker", "speakers", "sets with the right one, mean", "worst")
    return table((*header, "accuracy and UAR of the worst"), rows) if rows else None


def doubt_table(figures: Figures) -> str | None:
    """How well confidence tells right from wrong; None where that was not measured."""
    rows = []
    for profile, one in judged(figures, having="risk_coverage").items():
        risk = {point["coverage"]: point["risk"] for point in one["risk_coverage"]}
        errors = (figure(risk[share], ".1%") for share in (0.5, 0.8, 1.0))
        rows.append((HEADINGS[profile], _with_interval(one["aurc"], one["aurc_ci"]), *errors))
    header = ("profile", "AURC (95 % interval)")
    surest = ("errors in the surest 50 %", "80 %", "all")
    return table((*header, *surest), rows) if rows else None


def class_ece_table(figures: Figures) -> str | None:
    """Calibration error of each class; None where that was not measured."""
    rows = [
        (
            HEADINGS[profile],
            *(
                _with_interval(one["class_ece"][e]["value"], one["class_ece"][e]["ci"])
                for e in EMOTIONS
            ),
        )
        for profile, one in judged(figures, having="class_ece").items()
    ]
    return table(("ECE of a class (95 % interval)", *EMOTIONS), rows) if rows else None


def _with_interval(value: float | None, interval: Sequence[float | None]) -> str:
    return f"{figure(value)} ({figure(interval[0])} to {figure(interval[1])})"


def recall_table(figures: Figures) -> str:
    """Recall of each class."""
    return table(
        ("recall", *EMOTIONS),
        (
            (HEADINGS[profile], *(figure(one["recall"][emotion], ".2f") for emotion in EMOTIONS))
            for profile, one in judged(figures).items()
        ),
    )


def group_table(figures: Figures, key: str, heading: str) -> str | None:
    """Accuracy and UAR by a group of clips; None where nothing is known of it.

    Args:
        figures: of an evaluation.
        key: such as "by_corpus".
        heading: of the column that names the group.
    """
    rows = [
        (HEADINGS[profile], group, f"{one['n']:,}", figure(one["accuracy"]), figure(one["uar"]))
        for profile, own in judged(figures, having=key).items()
        for group, one in own[key].items()
    ]
    return table(("profile", heading, "n", "accuracy", "UAR"), rows) if rows else None


def ablation_table(figures: Figures) -> str | None:
    """The bundle, and what is left of it without a part; None where that was not tried."""
    rows = []
    for profile, own in judged(figures, having="ablations").items():
        parts: Mapping[str, Figures] = {"": own, **own["ablations"]}
        for name, one in parts.items():
            what = ABLATIONS.get(name, name.replace("_", " ")) if name else "as it ships"
            scores = (figure(one.get(score)) for score in ("uar", "nll", "ece"))
            rows.append((HEADINGS[profile], what, *scores))
    return table(("profile", "what", "UAR", "NLL", "ECE"), rows) if rows else None


def corruption_table(figures: Figures) -> str | None:
    """How much of each corruption is caught, and the means; None where none was tried."""
    corruptions: Mapping[str, Figures] = figures.get("corruptions", {})
    if not corruptions:
        return None
    shares = ("caught", "caught_minus_clean", "withheld", "flagged", "by_forest")
    rows = [
        (
            name,
            HEADINGS[profile],
            f"{one['n']:,}",
            *(figure(one[share], ".1%") for share in shares),
            _reasons(one["reasons"]),
        )
        for profile in HEADINGS
        for name, one in corruptions.items()
        if one["profile"] == profile.value
    ]
    means = (f"**{figure(figures[f'{key}_mean'], '.1%')}**" for key in shares[:2])
    header = ("corruption", "profile", "n", "caught", "minus clean", "withheld", "flagged")
    return table(
        (*header, "by a forest alone", "told reasons"),
        [*rows, ("**mean**", "", "", *means, "", "", "", "")],
    )


def _reasons(shares: Mapping[str, float]) -> str:
    """The reasons given in most ticks."""
    often = sorted(shares.items(), key=lambda one: -one[1])[:2]
    return ", ".join(f"`{reason}` {share:.0%}" for reason, share in often)


def _share(part: int, whole: int) -> str:
    return f"{part / whole:.1%}" if whole else "none"
