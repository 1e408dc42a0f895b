"""Encoders run over whole corpora: in parallel, resumable, with a report on what came out."""
