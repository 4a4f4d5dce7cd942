"""Every error a page can receive: one class a code, in Chinese and English.

The class carries the code and two sentences, each a template over the values given to
the constructor: what happened, and what to do next. Codes are frozen: a published code
never changes its meaning and is never reused. Pages in the field read 9 as success, so
no code is 9; all are four digits.

Leading digit: 1 request, 2 device, 3 picture, 4 file, 5 upload, 6 card, 7 fingerprint, 8 face.
"""

from __future__ import annotations

from server.errors.base import (
    GaopaiError,
    Language,
    Text,
    table,
)
from server.errors.card import (
    CardSilent,
    CardTakenAway,
    CardUnreadable,
    NoCard,
    NoReader,
    PortraitNotDecoded,
    SeveralCards,
    WrongCard,
)
from server.errors.device import (
    CoverOpen,
    DeviceBusy,
    DeviceFailed,
    DeviceGone,
    DeviceNotOpen,
    DevicePermission,
    DeviceTimeout,
    DriverCrashed,
    DriverMissing,
    FeederEmpty,
    ModeNotSupported,
    NoSuchDevice,
    PageCutShort,
    PaperJam,
    PaperTooLarge,
)
from server.errors.file import (
    BadName,
    BadSuffix,
    DocumentProtected,
    FileExists,
    FileMissing,
    FileUnreadable,
    PathOutside,
    StorageFailed,
    StorageFull,
    ToolMissing,
)
from server.errors.finger import (
    FeatureNotComparable,
    FeatureUnreadable,
    FingersDiffer,
    FingerUnclear,
    GivenFingerUnclear,
    NoFinger,
)
from server.errors.picture import (
    DecoderUnavailable,
    PictureTooLarge,
    PictureUnreadable,
)
from server.errors.request import (
    BadParameter,
    Cancelled,
    InternalError,
    InvalidJson,
    MessageTooLarge,
    MissingFunction,
    MissingParameter,
    NotAvailableYet,
    TooManyRequests,
    UnknownFunction,
)
from server.errors.upload import (
    UploadBroken,
    UploadNotAllowed,
    UploadRejected,
    UploadTimeout,
    UploadTooLarge,
    UploadUnreachable,
)

__all__ = [
    "BadName",
    "BadParameter",
    "BadSuffix",
    "Cancelled",
    "CardSilent",
    "CardTakenAway",
    "CardUnreadable",
    "CoverOpen",
    "DecoderUnavailable",
    "DeviceBusy",
    "DeviceFailed",
    "DeviceGone",
    "DeviceNotOpen",
    "DevicePermission",
    "DeviceTimeout",
    "DocumentProtected",
    "DriverCrashed",
    "DriverMissing",
    "FeatureNotComparable",
    "FeatureUnreadable",
    "FeederEmpty",
    "FileExists",
    "FileMissing",
    "FileUnreadable",
    "FingerUnclear",
    "FingersDiffer",
    "GaopaiError",
    "GivenFingerUnclear",
    "InternalError",
    "InvalidJson",
    "Language",
    "MessageTooLarge",
    "MissingFunction",
    "MissingParameter",
    "ModeNotSupported",
    "NoCard",
    "NoFinger",
    "NoReader",
    "NoSuchDevice",
    "NotAvailableYet",
    "PageCutShort",
    "PaperJam",
    "PaperTooLarge",
    "PathOutside",
    "PictureTooLarge",
    "PictureUnreadable",
    "PortraitNotDecoded",
    "SeveralCards",
    "StorageFailed",
    "StorageFull",
    "Text",
    "TooManyRequests",
    "ToolMissing",
    "UnknownFunction",
    "UploadBroken",
    "UploadNotAllowed",
    "UploadRejected",
    "UploadTimeout",
    "UploadTooLarge",
    "UploadUnreachable",
    "WrongCard",
    "table",
]
