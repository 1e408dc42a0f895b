"""Stateful workers: each owns one model, or many rooms. All of them work without Serve."""
