"""Training of the embedded audio encoder: speech emotion on acted speech."""
