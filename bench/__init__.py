"""Load generation and measurement; every figure as a ratio or a distribution of one run."""
