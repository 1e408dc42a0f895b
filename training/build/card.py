"""The model card: what the bundle is, what it was made from, how good it is, what it is not for."""

from typing import Any

from hoovik.schema.emotion import EMOTIONS, Profile
from training.build.card_text import FIGURES, HEAD, LIMITS, TAIL

HEADINGS = {
    Profile.BOTH: "voice and face",
    Profile.AUDIO_ONLY: "voice alone",
    Profile.VIDEO_ONLY: "face alone",
}


def model_card(version: str, data: dict[str, Any], figures: dict[str, Any]) -> str:
    """The card as Markdown.

    Args:
        version: of the bundle.
        data: counts of `training.build.material`.
        figures: of `training.build.evaluation`.
    """
    parts = [
        HEAD.format(version=version, classes=", ".join(EMOTIONS)),
        _data_table(data),
        FIGURES,
        _figures_table(figures),
        _recall_table(figures),
        _corpus_table(figures),
        LIMITS,
        TAIL,
    ]
    return "\n\n".join(part.strip() for part in parts) + "\n"


def _data_table(data: dict[str, Any]) -> str:
    rows = ["| corpus | train | validation | calibration | test |", "|---|---|---|---|---|"]
    for corpus in ("ravdess", "emodb"):
        cells = [
            f"{part['clips']} clips, {len(part['speakers'])} speakers"
            for part in data[corpus].values()
        ]
        rows.append(f"| {corpus} | {' | '.join(cells)} |")
    for corpus in ("fer2013", "faces"):
        cells = [f"{part['stills']} stills" for part in data[corpus].values()]
        rows.append(f"| {corpus} | {' | '.join(cells)} |")
    faceless = data["faceless_pictures"]
    return "\n".join([*rows, "", f"In {faceless} pictures the face encoder found no face."])


def _figures_table(figures: dict[str, Any]) -> str:
    rows = [
        "| profile | n | people or pictures | accuracy | UAR (95 % interval) | ECE before, after "
        "| NLL before, after | Brier before, after | flagged as unusual |",
        "|---|---|---|---|---|---|---|---|---|",
    ]
    for profile, heading in HEADINGS.items():
        one = figures[profile.value]
        before = one["before_calibration"]
        low, high = one["uar_95"]
        pairs = [f"{before[name]:.3f}, {one[name]:.3f}" for name in ("ece", "nll", "brier")]
        rows.append(
            f"| {heading} | {one['n']} | {one['owners']} | {one['accuracy']:.3f} "
            f"| {one['uar']:.3f} ({low:.3f} to {high:.3f}) | {' | '.join(pairs)} "
            f"| {one['anomaly_rate']:.1%} |"
        )
    return "\n".join(rows)


def _recall_table(figures: dict[str, Any]) -> str:
    rows = [
        f"| recall | {' | '.join(EMOTIONS)} |",
        "|---|" + "---|" * len(EMOTIONS),
    ]
    for profile, heading in HEADINGS.items():
        recalls = figures[profile.value]["recall"].values()
        cells = ["none" if recall is None else f"{recall:.2f}" for recall in recalls]
        rows.append(f"| {heading} | {' | '.join(cells)} |")
    return "\n".join(rows)


def _corpus_table(figures: dict[str, Any]) -> str:
    rows = ["| profile | corpus | n | accuracy | UAR |", "|---|---|---|---|---|"]
    for profile, heading in HEADINGS.items():
        for corpus, one in figures[profile.value]["by_corpus"].items():
            rows.append(
                f"| {heading} | {corpus} | {one['n']} | {one['accuracy']:.3f} | {one['uar']:.3f} |"
            )
    return "\n".join(rows)
