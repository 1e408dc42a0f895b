"""Training of the embedded audio encoder: speech emotion on RAVDESS and EMO-DB."""
