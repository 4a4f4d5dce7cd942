"""Faces in uploaded pictures and stored files."""

from __future__ import annotations

from dataclasses import dataclass, field

from imgcore import codec
from imgcore.face import FaceQualityIssue, quality_issue
from imgcore.face.net import Floats
from imgcore.face.quality import SMALLEST
from imgcore.types import Image
from server.access.client import Client
from server.errors import FaceTooDark, FaceTooSmall, GaopaiError, LocalizedText, NoFace
from server.services.faces.engine import FaceEngine
from server.services.page_source import PageSource
from server.services.pictures.uploaded_picture import decoded
from server.services.pools import ThreadPools

PICTURE = "faceImageBase64"
INPUT_BYTES = 64 << 20
QUALITY = 92
SEVERAL = LocalizedText(
    "{picture}中有多张人脸，已取最大的一张", "of several faces in {picture} the largest was taken"
)

_JPEG = b"\xff\xd8\xff"


@dataclass(frozen=True, slots=True, eq=False)
class UploadedFace:
    """Largest face of a picture.

    Attributes
    ----------
    vector
        Embedding of the face.
    jpeg
        The picture as JPEG.
    notice
        Remark on the picture, such as several faces in it.
    """

    vector: Floats = field(repr=False)
    jpeg: bytes = field(repr=False)
    notice: LocalizedText | None


class UploadedFaces:
    """Detects and embeds the faces of pictures."""

    def __init__(self, engine: FaceEngine, source: PageSource, pools: ThreadPools) -> None:
        self._engine = engine
        self._source = source
        self._pools = pools

    async def picture(self, text: str) -> UploadedFace:
        """Return the largest face of a picture in base64.

        Raises
        ------
        server.errors.PictureUnreadable, PictureTooLarge
        server.errors.NoFace, FaceTooSmall, FaceTooDark, FaceModelMissing, DecoderUnavailable
        """
        return await self._face(PICTURE, await self._pools.run_heavy(decoded, text, PICTURE))

    async def file(self, client: Client, name: str) -> UploadedFace:
        """Return the largest face of a file below the storage root, on its first page.

        Raises
        ------
        server.errors.FileMissing, FileUnreadable, FileOfAnotherOrigin, PathOutside, BadName
            Beside those of `picture`.
        """
        return await self._face(*await self._source.read(client, name, limit_bytes=INPUT_BYTES))

    async def _face(self, label: str, data: bytes) -> UploadedFace:
        async with self._source.decoders.file(label, data) as file:
            image = (await self._source.decoders.raster(file, 0)).image
        return await self._pools.run_heavy(self._find, label, data, image)

    def _find(self, label: str, data: bytes, image: Image) -> UploadedFace:
        faces = self._engine.find(image)
        issue = quality_issue(image, faces)
        if issue not in (None, FaceQualityIssue.SEVERAL):
            raise quality_error(issue, label)
        notice = SEVERAL.filled(picture=label) if issue is FaceQualityIssue.SEVERAL else None
        return UploadedFace(self._engine.embed(image, faces[0]), _jpeg(data, image), notice)


def quality_error(issue: FaceQualityIssue, label: str | LocalizedText) -> GaopaiError:
    """Return the error for a quality issue of the picture `label`."""
    if issue is FaceQualityIssue.TOO_SMALL:
        return FaceTooSmall(picture=label, pixels=f"{SMALLEST:g}")
    return FaceTooDark(picture=label) if issue is FaceQualityIssue.TOO_DARK else NoFace(picture=label)


def _jpeg(data: bytes, image: Image) -> bytes:
    """Return the picture as JPEG, the original data if that is one."""
    return data if data.startswith(_JPEG) else codec.encode(image, "JPEG", QUALITY)
