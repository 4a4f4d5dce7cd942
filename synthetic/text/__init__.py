"""Letters: the fonts of the system, words to set in them, and handwriting."""
