"""Pictures as messages tell of them."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import asdict
from typing import Literal, TypedDict

from imgcore.barcode import Code
from imgcore.types import NO_CROP, CropOutcome, CropState, Quad
from imgcore.verdict import Verdict
from server.protocol.messages import pictures as messages
from server.protocol.messages.barcodes import CodeInfo
from server.services.pictures.output import EncodedPicture

MIME = "image/jpg"
"""Media type of a JPEG as the standard writes it."""
_SCORES = ("blurred", "glare", "cut_off", "too_dark", "too_small")
_KINDS: Mapping[str, Literal["document", "card", "photograph"]] = {
    "document": "document",
    "card": "card",
    "photograph": "photograph",
}
"""Kinds of pages, as messages carry them."""


def corners(quad: Quad | None) -> messages.Corners | None:
    """Return corners as messages carry them: the whole picture is from 0, 0 to its width and height."""
    return None if quad is None else tuple((round(x + 0.5, 2), round(y + 0.5, 2)) for x, y in quad)


def quad_of(asked: messages.Corners) -> Quad:
    """Return the corners of a request as the picture core takes them, where 0, 0 is a pixel's centre."""
    return tuple((x - 0.5, y - 0.5) for x, y in asked)


def cuts(pictures: Sequence[EncodedPicture]) -> tuple[messages.PictureCut, ...]:
    """Return original and corners of each picture."""
    return tuple(
        messages.PictureCut(handle=one.handle, corners=cut_corners(one.crop), crop=crop_told(one.crop))
        for one in pictures
    )


def cut_corners(crop: CropOutcome) -> messages.Corners | None:
    """Return where a picture was cut out of its original; None if it is whole."""
    return corners(crop.corners) if crop.state is CropState.CROPPED else None


def crop_told(crop: CropOutcome) -> messages.PictureCrop:
    """Return the outcome of a crop as messages carry it."""
    doubted = [
        messages.DoubtedDocument(corners=points, reason=each.reason)
        for each in crop.doubted
        if (points := corners(each.corners)) is not None
    ]
    return messages.PictureCrop(
        state=crop.state.value,
        corners=corners(crop.corners),
        reason=crop.reason or None,
        prior=None if crop.reason == NO_CROP.reason else crop.prior.value,
        paper=crop.paper or None,
        doubted=tuple(doubted) or None,
    )


def told(verdict: Verdict | None) -> messages.PictureVerdict | None:
    """Return a verdict as answers carry it."""
    if verdict is None:
        return None
    box = verdict.glare_place
    place = None if box is None else messages.GlarePlace(**asdict(box))
    scores = {name: round(getattr(verdict, name), 2) for name in _SCORES}
    return messages.PictureVerdict(ok=verdict.ok, glare_place=place, **scores)


class PictureFields(TypedDict):
    """Members of a message about a picture."""

    verdict: messages.PictureVerdict | None
    handle: str | None
    corners: messages.Corners | None
    crop: messages.PictureCrop | None
    page_kind: messages.PageKindFound


class PicturesFields(PictureFields):
    """Members of a message about pictures."""

    verdicts: tuple[messages.PictureVerdict, ...] | None
    cuts: tuple[messages.PictureCut, ...] | None


def picture_fields(picture: EncodedPicture) -> PictureFields:
    """Return the members of a message about a picture."""
    return PictureFields(
        verdict=told(picture.verdict),
        handle=picture.handle,
        corners=cut_corners(picture.crop),
        crop=crop_told(picture.crop),
        page_kind=_KINDS.get(picture.kind),
    )


def pictures_fields(pictures: Sequence[EncodedPicture]) -> PicturesFields:
    """Return the members of a message about pictures, of which there is one at the least."""
    first = picture_fields(pictures[0])
    verdicts = [picture.verdict for picture in pictures]
    if len(pictures) == 1:
        return PicturesFields(**first, verdicts=None, cuts=None)
    first["verdict"] = told(worst(verdicts))
    each = tuple(verdict for verdict in map(told, verdicts) if verdict is not None)
    return PicturesFields(**first, verdicts=each, cuts=cuts(pictures))


def worst(verdicts: Iterable[Verdict | None]) -> Verdict | None:
    """Return the verdict of the picture that is worst."""
    given = [verdict for verdict in verdicts if verdict is not None]
    return max(given, key=lambda verdict: verdict.worst, default=None)


def code_info(code: Code, page: int | None = None, path: str = "") -> CodeInfo:
    """Convert a barcode to the standard's message.

    Parameters
    ----------
    page
        From 1, None for a picture that has none.
    path
        The file it is in, as the request named it; may be empty.
    """
    (left, top) = code.corners.min(axis=0)
    (right, bottom) = code.corners.max(axis=0)
    return CodeInfo(
        code_num=code.text,
        code_type=code.symbology.value,
        left=str(round(float(left))),
        top=str(round(float(top))),
        right=str(round(float(right))),
        bottom=str(round(float(bottom))),
        corners=tuple((round(float(x), 1), round(float(y), 1)) for x, y in code.corners),
        page=page,
        image_path=path or None,
    )
