"""Stateful workers: each owns one model, or one room. All of them work without Serve."""
