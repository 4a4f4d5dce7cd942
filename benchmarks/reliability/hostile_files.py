"""Small files that make much work of those who open them."""

from __future__ import annotations

from collections.abc import Sequence

import cv2
import numpy as np
import zxingcpp


def nested_pdf(depth: int = 7, copies: int = 12) -> bytes:
    """Return a page that draws a form so many times, each of which draws another so many times, and so on."""
    forms = [
        f"<</Type/XObject/Subtype/Form/BBox[0 0 9 9]/Resources<</XObject<</F {number + 1} 0 R>>>>"
        for number in range(4, 3 + depth)
    ]
    last = "<</Type/XObject/Subtype/Form/BBox[0 0 9 9]"
    objects = [
        "<</Type/Catalog/Pages 2 0 R>>",
        "<</Type/Pages/Kids[3 0 R]/Count 1>>",
        "<</Type/Page/Parent 2 0 R/MediaBox[0 0 99 99]/Contents 4 0 R/Resources<</XObject<</F 4 0 R>>>>>>",
        *(_stream(form, "/F Do " * copies) for form in forms),
        _stream(last, "0 0 9 9 re f"),
    ]
    return _pdf(objects)


def slow_pdf(shadings: int = 400) -> bytes:
    """Return a page that is shaded all over so many times, each of which takes a fifth of a second."""
    round_the_middle = "<</ShadingType 3/ColorSpace/DeviceRGB/Coords[300 400 0 300 400 600]/Extend[true true]"
    return _pdf(
        [
            "<</Type/Catalog/Pages 2 0 R>>",
            "<</Type/Pages/Kids[3 0 R]/Count 1>>",
            "<</Type/Page/Parent 2 0 R/MediaBox[0 0 595 842]/Contents 4 0 R"
            "/Resources<</Shading<</S 5 0 R>>>>>>",
            _stream("<<", "/S sh " * shadings),
            f"{round_the_middle}/Function<</FunctionType 2/Domain[0 1]/C0[1 0 0]/C1[0 0 1]/N 1>>>>",
        ]
    )


def _pdf(objects: Sequence[str]) -> bytes:
    body = "%PDF-1.4\n"
    places = list[int]()
    for number, text in enumerate(objects, 1):
        places.append(len(body))
        body += f"{number} 0 obj{text}endobj\n"
    table = "".join(f"{place:010} 00000 n \n" for place in places)
    count = len(objects) + 1
    end = f"xref\n0 {count}\n0000000000 65535 f \n{table}trailer<</Size {count}/Root 1 0 R>>\n"
    return f"{body}{end}startxref\n{len(body)}\n%%EOF".encode()


def _stream(dictionary: str, content: str) -> str:
    return f"{dictionary}/Length {len(content)}>>stream\n{content}\nendstream "


def finder_tiling(side: int = 1000, module: int = 2) -> bytes:
    """Return a PNG full of the finder patterns of QR codes, and of nothing else."""
    ring = np.zeros((8, 8), np.uint8)
    ring[7] = 255
    ring[:, 7] = 255
    ring[1:6, 1:6] = 255
    ring[2:5, 2:5] = 0
    tile = np.kron(ring, np.ones((module, module), np.uint8))
    count = -(-side // len(tile))
    picture = np.tile(tile, (count, count))[:side, :side]
    return cv2.imencode(".png", picture, (cv2.IMWRITE_PNG_COMPRESSION, 9))[1].tobytes()


def code_sheet(side: int = 1600, module: int = 2) -> bytes:
    """Return a PNG full of QR codes that can be read."""
    made = zxingcpp.create_barcode("12", zxingcpp.BarcodeFormat.QRCode)
    code = np.array(zxingcpp.write_barcode_to_image(made, scale=module, add_quiet_zones=True), np.uint8)
    picture = np.tile(code, (side // len(code), side // len(code)))
    return cv2.imencode(".png", picture, (cv2.IMWRITE_PNG_COMPRESSION, 9))[1].tobytes()


def white_picture(side: int = 5000) -> bytes:
    """Return a PNG of some kilobytes and 75 MB of pixels."""
    return cv2.imencode(".png", np.full((side, side, 3), 255, np.uint8))[1].tobytes()


def long_picture(width: int, height: int) -> bytes:
    """Return a narrow PNG of some kilobytes, full of the edges that a search for documents follows."""
    rows = min(height, 500)
    tile = np.random.default_rng(2).integers(0, 255, (rows, width), np.uint8)
    picture = np.tile(tile, (-(-height // rows), 1))[:height]
    return cv2.imencode(".png", picture, (cv2.IMWRITE_PNG_COMPRESSION, 9))[1].tobytes()


def lying_jpeg(width: int = 24_000, height: int = 24_000) -> bytes:
    """Return a small JPEG whose header claims that size."""
    data = cv2.imencode(".jpg", np.zeros((64, 64, 3), np.uint8))[1].tobytes()
    at = data.index(b"\xff\xc0") + 5
    return data[:at] + height.to_bytes(2) + width.to_bytes(2) + data[at + 4 :]
