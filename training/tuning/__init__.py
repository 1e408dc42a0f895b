"""Search of training parameters on the validation split (Optuna; Akiba et al. 2019)."""
