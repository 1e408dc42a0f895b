"""Building of the embedded bundle: encoded corpora to sequence models, calibration and gate."""
