"""Which model serves which role, and where its file is found."""
