"""A page of a quarterly report in English, with a chart. All figures are made up."""

from __future__ import annotations

from synthetic.arrays import Image, Random
from synthetic.documents.ink import A4, GREY, Column, Ink
from synthetic.text.typeface import Typefaces

LEFT = 25.0
RIGHT = 185.0
CRIMSON = (190, 58, 48)
NAVY = (40, 66, 118)
SAND = (226, 176, 84)

OPENING = (
    "In the first quarter the counters served 29 000 visitors, eleven per cent more than in the quarter "
    "before. The time a visitor waits fell from fourteen minutes to nine, most of it since papers are "
    "photographed at the counter and handed back at once. Four of five matters were closed on the day they "
    "were opened.",
    "Copies that visitors bring are no longer kept. Where a matter needs a record, the picture taken at the "
    "counter is the record; it is straightened, cropped and filed with the number of the case.",
)
CLOSING = (
    "Two counters could not scan for half a day in February, when feed rollers were worn. Spare rollers now "
    "lie at each counter, and the clerks were shown how to change them, which takes two minutes.",
    "For the second quarter we plan a counter for the evening hours, and a box in the hall where visitors "
    "scan their own papers before their number is called.",
)
SERIES = (
    ("December", (42, 31, 12)),
    ("January", (51, 28, 9)),
    ("February", (58, 44, 11)),
    ("March", (66, 37, 14)),
)
"""Visitors by month and kind of matter, in hundreds."""
KINDS = (("Residence", NAVY), ("Business", CRIMSON), ("Other", SAND))


def report(random: Random, faces: Typefaces, scale: float) -> Image:
    """Return the page, BGR at `scale` pixels per millimetre."""
    ink = Ink(random, faces, A4, (246, 246, 244), scale)
    ink.text((LEFT, 22), "Yunchuan Public Service Centre", "sans", 3.0, GREY)
    ink.text((RIGHT, 22), "Report 2030 / 1", "sans", 3.0, GREY, "rs")
    ink.rule(LEFT, RIGHT, 24.5)
    ink.text((LEFT, 42), "Counters in the First Quarter", "bold", 8.0, NAVY)
    y = _paragraphs(ink, 54, OPENING)
    _chart(ink, y + 4)
    _paragraphs(ink, y + 98, CLOSING)
    ink.rule(LEFT, RIGHT, 272)
    ink.centred((A4[0] / 2, 279), "3 / 12", "serif", 3.4, GREY)
    ink.text((RIGHT, 279), "Sample: all figures are made up", "sans", 2.5, GREY, "rs")
    return ink.sheet()


def _paragraphs(ink: Ink, y: float, words: tuple[str, ...]) -> float:
    for each in words:
        y = ink.paragraph(Column(LEFT, RIGHT - LEFT, 4.1, 6.6), y, each) + 3.4
    return y


def _chart(ink: Ink, top: float) -> None:
    """Bars by month, an axis and a legend, 90 mm high."""
    ink.text((LEFT, top), "Visitors by month, in hundreds", "bold", 4.2)
    floor = top + 78
    unit = 0.9
    for mark in range(0, 80, 20):
        y = floor - mark * unit
        ink.rule(LEFT + 8, RIGHT, y, 0.15)
        ink.text((LEFT + 6, y + 1.2), str(mark), "sans", 3.0, GREY, "rs")
    for place, (month, values) in enumerate(SERIES):
        x = LEFT + 14 + place * 37
        for bar, (value, (_, colour)) in enumerate(zip(values, KINDS, strict=True)):
            ink.box((x + bar * 9, floor - value * unit, x + bar * 9 + 7.6, floor), fill=colour, rim=None)
        ink.centred((x + 13, floor + 5), month, "sans", 3.2)
    for place, (kind, colour) in enumerate(KINDS):
        x = RIGHT - 84 + place * 30
        ink.box((x, top - 3, x + 3.4, top + 0.4), fill=colour, rim=None)
        ink.text((x + 5.5, top), kind, "sans", 3.2)
