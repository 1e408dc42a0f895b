"""Studies: the training code on data whose result is known from elsewhere."""
