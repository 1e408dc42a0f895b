"""Labelled corpora: where their clips lie, who speaks, what is shown, and who is split where."""
