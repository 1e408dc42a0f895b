"""Stateful workers: each owns one model, or many rooms. All of them work without Serve."""

NAMESPACE = "hoovik"
"""Where named actors live on a cluster that others may use too."""
