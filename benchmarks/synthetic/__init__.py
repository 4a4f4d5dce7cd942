"""Made pictures with exact truth: seeded, physical, without limit."""
