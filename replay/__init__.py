"""Recorded meetings in, timelines and a report out."""
