"""The model card of a bundle: its pictures and its text, from measured figures."""
