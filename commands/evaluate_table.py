from collections.abc import Iterator
from typing import Any

from rich.table import Table

from hoovik.schema.emotion import EMOTIONS


def profile_table(figures: dict[str, Any]) -> Table:
    """The main figures, a column for each profile; fits into 80 columns."""
    profiles = figures["profiles"]
    table = Table("", *profiles, title=f"Bundle {figures['bundle']}", title_justify="left")
    for heading, key in (("clips", "n"), ("speakers", "speakers"), ("ticks", "ticks")):
        table.add_row(heading, *(f"{one[key]:,}" for one in profiles.values()))
    table.add_row("accuracy", *(f"{one['accuracy']:.3f}" for one in profiles.values()))
    table.add_row("UAR", *(f"{one['uar']:.3f}" for one in profiles.values()))
    table.add_row(
        "95 % interval",
        *("{:.3f} to {:.3f}".format(*one["uar_ci"]) for one in profiles.values()),
        end_section=True,
    )
    for emotion in EMOTIONS:
        table.add_row(emotion, *(_share(one["recall"][emotion]) for one in profiles.values()))
    table.add_section()
    for heading, key in (("ECE", "ece"), ("NLL", "nll"), ("Brier", "brier")):
        table.add_row(
            f"{heading} (uncalibrated)",
            *(f"{one[key]:.3f} ({one['uncalibrated'][key]:.3f})" for one in profiles.values()),
        )
    if all(one.get("told") for one in profiles.values()):
        for heading, key in (("UAR as told", "uar"), ("flagged as told", "flagged")):
            told = (_share(one["told"].get(key)) for one in profiles.values())
            table.add_row(heading, *told)
    table.add_row("flagged ticks", *(_share(one["anomaly_rate"]) for one in profiles.values()))
    if any("anomaly_rate_validation" in one for one in profiles.values()):
        on_validation = (_share(one.get("anomaly_rate_validation")) for one in profiles.values())
        table.add_row("flagged on validation", *on_validation)
    pairs = profiles.get("both", {}).get("pairs")
    if pairs == "by label":
        table.caption = "Pairs of voice and face were made by label: real people will do worse."
    return table


def corruption_table(figures: dict[str, Any]) -> Table:
    """How much of each corruption is caught, also beyond what is of the same clips as they are."""
    keys = ("caught", "caught_minus_clean", "flagged", "by_forest")
    table = Table(title="Corrupted input", title_justify="left")
    table.add_column("corruption", no_wrap=True)
    for heading in ("clips", "caught", "minus clean", "flagged", "by forest alone"):
        table.add_column(heading)
    for name, one in figures["corruptions"].items():
        table.add_row(name, f"{one['n']:,}", *(_share(one[key]) for key in keys))
    table.caption = (
        f"Caught on average: {_share(figures['caught_mean'])}, "
        f"minus clean {_share(figures['caught_minus_clean_mean'])}"
    )
    return table


def left_out_lines(figures: dict[str, Any]) -> Iterator[str]:
    """What did not count, and why."""
    for corpus, n in figures["left_out"].items():
        yield f"{n:,} clips of {corpus} are of people whom the bundle has seen; left out."
    for corpus, n in figures["unlabelled"].items():
        yield f"{n:,} clips of {corpus} have no label of the six emotions; left out."
    for profile, n in figures["without_result"].items():
        if n:
            yield f"{n:,} clips have no result on {profile}: no speech, or no face."
    for one in figures["unreadable"]:
        yield f"{one['clip']} cannot be read: {one['reason']}"


def _share(value: float | None) -> str:
    return "-" if value is None else f"{value:.1%}"
