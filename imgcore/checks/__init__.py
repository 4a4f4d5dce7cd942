"""Check digits and other redundancy of the numbers, dates and amounts that are printed on documents."""
