"""Serve wrappers: how many replicas, what batch, which route."""
