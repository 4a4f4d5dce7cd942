"""MSI (Modified Plessey)."""
