"""Candidates: quadrilaterals that lines, regions and the segmentation net propose, with their features."""
