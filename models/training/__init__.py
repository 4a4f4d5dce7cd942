"""Training of the models in ``models/own``; run from a checkout, and in no package."""
