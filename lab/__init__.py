"""Real pictures marked by hand, and how finds are judged by them: shared by what measures and what trains."""
