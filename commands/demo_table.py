from typing import Any

from rich.table import Table
from rich.text import Text

from hoovik_client.tally import Tally

BAR_CELLS = 12


def live_table(tallies: dict[str, Tally], now_s: float) -> Table:
    """What each participant expresses now."""
    table = Table(title="Expressed emotion", title_justify="left")
    for column in ("participant", "emotion", "confidence", "from", "results/s", "latency p50"):
        table.add_column(column, no_wrap=True)
    for name, tally in tallies.items():
        live_s = tally.live_seconds(now_s)
        rate = f"{tally.results / live_s:.1f}" if live_s else "-"
        latency = tally.latency_ms(50)
        table.add_row(name, *_now(tally), rate, "-" if latency is None else f"{latency:.0f} ms")
    return table


def _now(tally: Tally) -> tuple[Text, Text, Text]:
    if tally.last is None or not tally.is_live:
        return Text("-", "dim"), Text(""), Text("nothing live", "dim")
    result = tally.last.result
    style = "dim strike" if result.anomaly else "bold"
    filled = round(result.confidence * BAR_CELLS)
    bar = "█" * filled + "░" * (BAR_CELLS - filled)
    faults = ", ".join(reason.replace("_", " ") for reason in result.anomaly_reasons)
    source = f"{result.modality}{faults and f' ({faults})'}"
    return Text(result.emotion, style), Text(f"{bar} {result.confidence:.2f}"), Text(source)


def summary_table(summary: dict[str, Any]) -> Table:
    """The counts of a whole demo; fits into 80 columns."""
    table = Table(title="Summary", title_justify="left")
    for column in ("who", "results", "per s", "lost", "profiles", "unusual", "latency"):
        table.add_column(column)
    for name, counts in summary["participants"].items():
        latency = counts["latency_ms"]
        table.add_row(
            name,
            f"{counts['results']} in {counts['live_seconds']:.1f} s",
            f"{counts['results_per_s']:.2f}",
            str(counts["lost"]),
            "\n".join(f"{profile} {count}" for profile, count in counts["profiles"].items()),
            str(counts["anomalies"]),
            "\n".join(f"{name} {ms:.0f} ms" for name, ms in latency.items() if ms is not None),
        )
    if summary["errors"]:
        codes = sorted({error["code"] for error in summary["errors"]})
        table.caption = f"{len(summary['errors'])} errors: {', '.join(codes)}"
    return table
