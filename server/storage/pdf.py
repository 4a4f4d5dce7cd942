"""One picture as a one-page PDF."""

from __future__ import annotations

import img2pdf

from server.errors import LocalizedText, PictureUnreadable


def picture_to_pdf(picture: bytes, dpi: float) -> bytes:
    """A PDF whose only page is the picture, at `dpi` dots an inch.

    A JPEG or fax code is embedded byte for byte, a PNG without loss. Equal pictures are equal files.

    Parameters
    ----------
    picture
        A complete JPEG, PNG without transparency, or TIFF of one strip of fax code.
    dpi
        Dots an inch, above 0; decides the page's size alone.

    Raises
    ------
    server.errors.PictureUnreadable
        Not a picture that a PDF can hold as it is.
    """
    layout = img2pdf.get_fixed_dpi_layout_fun((dpi, dpi))
    try:
        # A camera's invalid orientation tag must not cost the picture.
        pdf: bytes = img2pdf.convert(
            picture,
            layout_fun=layout,
            rotation=img2pdf.Rotation.ifvalid,
            engine=img2pdf.Engine.internal,
            nodate=True,
        )
    except _unreadable() as exc:
        raise PictureUnreadable(
            picture=LocalizedText("图片", "the picture"),
            reason=LocalizedText("PDF 无法收录它", "a PDF cannot hold it"),
        ) from exc
    return pdf


def _unreadable() -> tuple[type[Exception], ...]:
    return (
        img2pdf.ImageOpenError,
        img2pdf.JpegColorspaceError,
        img2pdf.UnsupportedColorspaceError,
        img2pdf.AlphaChannelError,
        img2pdf.NegativeDimensionError,
    )
