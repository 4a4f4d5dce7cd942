"""The sheet: its paper's colour, its border, its ink, and what paints it where it is covered."""
