from rich.table import Table

from bench.audio_rates import BATCHES, AudioRate


def audio_rates_table(rates: list[AudioRate]) -> Table:
    """Windows per second of the audio encoders, a line for each batch."""
    table = Table(
        "encoder, type",
        "on",
        "batch",
        "windows/s",
        "GFLOP/s",
        "ceiling",
        "share",
        title="Audio encoders beside a large matrix product",
    )
    for rate in rates:
        table.add_row(
            f"{rate.encoder} {rate.dtype}",
            f"{rate.device}, {rate.threads}",
            str(rate.batch),
            f"{rate.windows_per_s:.1f}",
            f"{rate.gflops:.0f}",
            f"{rate.ceiling_gflops:.0f}",
            f"{100 * rate.share:.0f} %",
            end_section=rate.batch == BATCHES[-1],
        )
    return table
