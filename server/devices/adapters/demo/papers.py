"""Desk of papers that have fields: a passport and an invoice, then a form that takes their place."""

from __future__ import annotations

from server.devices.adapters.demo.optics import DemoDesk
from synthetic.arrays import Random
from synthetic.documents.form import form
from synthetic.documents.letter import letter
from synthetic.documents.tax_invoice import tax_invoice
from synthetic.documents.travel_document import travel_document
from synthetic.geometry import Pose
from synthetic.scene.desk import Layout, MovingSheet, Scene
from synthetic.scene.sheet import RESOLUTION, rectangle
from synthetic.text.typeface import close_fonts, typefaces


def papers(random: Random) -> Layout:
    """Return the papers and their places; without Chinese fonts a letter lies where the form would."""
    faces = typefaces()
    passport = rectangle(travel_document(random, faces, RESOLUTION).picture, lift=1.0)
    shown = [MovingSheet(passport, Pose(-112.0, -66.0, -3.0), Pose(-460.0, -90.0, -40.0))]
    if faces.chinese:
        invoice = rectangle(tax_invoice(random, faces, RESOLUTION).picture)
        shown.append(MovingSheet(invoice, Pose(62.0, 62.0, 2.0), Pose(480.0, 90.0, 30.0)))
    page = form(random, faces, RESOLUTION) if faces.chinese else letter(random, faces, RESOLUTION)
    shown.append(MovingSheet(rectangle(page), Pose(0.0, -480.0, 12.0), Pose(2.0, 1.0, -1.5)))
    return tuple(shown)


class PaperDesk(DemoDesk):
    """Desk whose papers change, whatever its scene."""

    def layout(self, scene: Scene) -> Layout:
        """Return the papers; drawn on first use."""
        with self._lock:
            if self._drawn is None:
                self._drawn = (scene, papers(self._random(0)))
                close_fonts()
            return self._drawn[1]
