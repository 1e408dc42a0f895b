"""Two runs over the same recordings side by side: where they agree, and where they differ."""

from replay.comparison.comparing import Comparison, compare
from replay.comparison.outputs import write_comparison
from replay.comparison.runs import Run, read_run, run_of

__all__ = ["Comparison", "Run", "compare", "read_run", "run_of", "write_comparison"]
