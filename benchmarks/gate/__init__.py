"""The gate: a fixed choice of pictures that every change of the picture core passes.

A `Probe` judges one stage on the pictures of one set. `measuring` runs all of them, picture by picture, and
keeps outcomes whose sources did not change. `falls` compares with the ledger, `comparing` with another
commit.
"""
