"""How the models in ``models/own`` were made; run from a checkout, and in no package."""
