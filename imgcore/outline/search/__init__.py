"""Search for candidates: edges, lines, regions, and the quadrilaterals they make, with their features."""
