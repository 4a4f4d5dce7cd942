"""Drawn pictures of documents, desks, faces and fingers: seeded, with exact truth, from no file but fonts."""
