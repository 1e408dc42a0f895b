"""Judging of a bundle on labelled clips: what a live session would have said, against the labels."""
