"""The part of ``linux/videodev2.h`` a capture device needs: structures, requests, flags.

Names and layouts are the kernel's (userspace API, "Video for Linux"). ctypes lays the
structures out as the C compiler of this machine does, so sizes, and the request numbers
that contain them, are right on every 64-bit ABI.
"""

from __future__ import annotations

import ctypes
from ctypes import c_char, c_int32, c_long, c_uint8, c_uint32, c_ulong


def fourcc(text: str) -> int:
    """The kernel's number of a four-letter pixel format (``MJPG``)."""
    return int.from_bytes(text.encode("ascii"), "little")


# Constants -----------------------------------------------------------------------------

BUF_TYPE_VIDEO_CAPTURE = 1
MEMORY_MMAP = 1

CAP_VIDEO_CAPTURE = 0x00000001
CAP_STREAMING = 0x04000000
CAP_DEVICE_CAPS = 0x80000000
CAP_TIMEPERFRAME = 0x00001000

FRAME_DISCRETE = 1
"""Type of an enumerated size or interval that is one value; 2 and 3 are ranges."""

BUF_FLAG_ERROR = 0x00000040
BUF_FLAG_TIMESTAMP_MASK = 0x0000E000
BUF_FLAG_TIMESTAMP_MONOTONIC = 0x00002000

CTRL_FLAG_NEXT_CTRL = 0x80000000
CTRL_FLAG_DISABLED = 0x0001
CTRL_FLAG_READ_ONLY = 0x0004
CTRL_FLAG_INACTIVE = 0x0010
CTRL_FLAG_WRITE_ONLY = 0x0040


# Structures ----------------------------------------------------------------------------


class Capability(ctypes.Structure):
    driver: bytes
    card: bytes
    bus_info: bytes
    capabilities: int
    device_caps: int
    _fields_ = (
        ("driver", c_char * 16),
        ("card", c_char * 32),
        ("bus_info", c_char * 32),
        ("version", c_uint32),
        ("capabilities", c_uint32),
        ("device_caps", c_uint32),
        ("reserved", c_uint32 * 3),
    )


class FmtDesc(ctypes.Structure):
    index: int
    type: int
    pixelformat: int
    _fields_ = (
        ("index", c_uint32),
        ("type", c_uint32),
        ("flags", c_uint32),
        ("description", c_char * 32),
        ("pixelformat", c_uint32),
        ("mbus_code", c_uint32),
        ("reserved", c_uint32 * 3),
    )


class Discrete(ctypes.Structure):
    width: int
    height: int
    _fields_ = (("width", c_uint32), ("height", c_uint32))


class Stepwise(ctypes.Structure):
    min_width: int
    max_width: int
    step_width: int
    min_height: int
    max_height: int
    step_height: int
    _fields_ = (
        ("min_width", c_uint32),
        ("max_width", c_uint32),
        ("step_width", c_uint32),
        ("min_height", c_uint32),
        ("max_height", c_uint32),
        ("step_height", c_uint32),
    )


class _FrmSize(ctypes.Union):
    _fields_ = (("discrete", Discrete), ("stepwise", Stepwise))


class FrmSizeEnum(ctypes.Structure):
    index: int
    pixel_format: int
    type: int
    discrete: Discrete
    stepwise: Stepwise
    _anonymous_ = ("size",)
    _fields_ = (
        ("index", c_uint32),
        ("pixel_format", c_uint32),
        ("type", c_uint32),
        ("size", _FrmSize),
        ("reserved", c_uint32 * 2),
    )


class Fract(ctypes.Structure):
    numerator: int
    denominator: int
    _fields_ = (("numerator", c_uint32), ("denominator", c_uint32))


class IntervalRange(ctypes.Structure):
    min: Fract
    max: Fract
    _fields_ = (("min", Fract), ("max", Fract), ("step", Fract))


class _FrmIval(ctypes.Union):
    _fields_ = (("discrete", Fract), ("stepwise", IntervalRange))


class FrmIvalEnum(ctypes.Structure):
    index: int
    pixel_format: int
    width: int
    height: int
    type: int
    discrete: Fract
    stepwise: IntervalRange
    _anonymous_ = ("interval",)
    _fields_ = (
        ("index", c_uint32),
        ("pixel_format", c_uint32),
        ("width", c_uint32),
        ("height", c_uint32),
        ("type", c_uint32),
        ("interval", _FrmIval),
        ("reserved", c_uint32 * 2),
    )


class PixFormat(ctypes.Structure):
    width: int
    height: int
    pixelformat: int
    bytesperline: int
    sizeimage: int
    _fields_ = (
        ("width", c_uint32),
        ("height", c_uint32),
        ("pixelformat", c_uint32),
        ("field", c_uint32),
        ("bytesperline", c_uint32),
        ("sizeimage", c_uint32),
        ("colorspace", c_uint32),
        ("priv", c_uint32),
        ("flags", c_uint32),
        ("ycbcr_enc", c_uint32),
        ("quantization", c_uint32),
        ("xfer_func", c_uint32),
    )


class _Format(ctypes.Union):
    # The kernel's union also holds structures with pointers: 200 bytes, pointer-aligned.
    _fields_ = (("pix", PixFormat), ("raw_data", c_uint8 * 200), ("alignment", c_ulong))


class Format(ctypes.Structure):
    type: int
    pix: PixFormat
    _anonymous_ = ("fmt",)
    _fields_ = (("type", c_uint32), ("fmt", _Format))


class CaptureParm(ctypes.Structure):
    capability: int
    timeperframe: Fract
    _fields_ = (
        ("capability", c_uint32),
        ("capturemode", c_uint32),
        ("timeperframe", Fract),
        ("extendedmode", c_uint32),
        ("readbuffers", c_uint32),
        ("reserved", c_uint32 * 4),
    )


class _Parm(ctypes.Union):
    _fields_ = (("capture", CaptureParm), ("raw_data", c_uint8 * 200))


class StreamParm(ctypes.Structure):
    type: int
    capture: CaptureParm
    _anonymous_ = ("parm",)
    _fields_ = (("type", c_uint32), ("parm", _Parm))


class RequestBuffers(ctypes.Structure):
    count: int
    type: int
    memory: int
    _fields_ = (
        ("count", c_uint32),
        ("type", c_uint32),
        ("memory", c_uint32),
        ("capabilities", c_uint32),
        ("flags", c_uint8),
        ("reserved", c_uint8 * 3),
    )


class _Timeval(ctypes.Structure):
    tv_sec: int
    tv_usec: int
    _fields_ = (("tv_sec", c_long), ("tv_usec", c_long))


class _Timecode(ctypes.Structure):
    _fields_ = (("type", c_uint32), ("flags", c_uint32), ("digits", c_uint8 * 8))


class _Memory(ctypes.Union):
    _fields_ = (("offset", c_uint32), ("userptr", c_ulong))


class Buffer(ctypes.Structure):
    index: int
    type: int
    bytesused: int
    flags: int
    timestamp: _Timeval
    sequence: int
    memory: int
    offset: int
    length: int
    _anonymous_ = ("m",)
    _fields_ = (
        ("index", c_uint32),
        ("type", c_uint32),
        ("bytesused", c_uint32),
        ("flags", c_uint32),
        ("field", c_uint32),
        ("timestamp", _Timeval),
        ("timecode", _Timecode),
        ("sequence", c_uint32),
        ("memory", c_uint32),
        ("m", _Memory),
        ("length", c_uint32),
        ("reserved2", c_uint32),
        ("request_fd", c_int32),
    )


class BufType(ctypes.Structure):
    """The bare ``int`` that STREAMON and STREAMOFF take."""

    type: int
    _fields_ = (("type", c_int32),)


class QueryCtrl(ctypes.Structure):
    id: int
    type: int
    name: bytes
    minimum: int
    maximum: int
    step: int
    default_value: int
    flags: int
    _fields_ = (
        ("id", c_uint32),
        ("type", c_uint32),
        ("name", c_char * 32),
        ("minimum", c_int32),
        ("maximum", c_int32),
        ("step", c_int32),
        ("default_value", c_int32),
        ("flags", c_uint32),
        ("reserved", c_uint32 * 2),
    )


class ControlValue(ctypes.Structure):
    id: int
    value: int
    _fields_ = (("id", c_uint32), ("value", c_int32))


# Requests ------------------------------------------------------------------------------

_READ, _WRITE = 2, 1


def _request(number: int, direction: int, structure: type[ctypes.Structure]) -> int:
    """``_IOC()`` of the generic ABI, which x86-64 and aarch64 share."""
    return direction << 30 | ctypes.sizeof(structure) << 16 | ord("V") << 8 | number


QUERYCAP = _request(0, _READ, Capability)
ENUM_FMT = _request(2, _READ | _WRITE, FmtDesc)
S_FMT = _request(5, _READ | _WRITE, Format)
REQBUFS = _request(8, _READ | _WRITE, RequestBuffers)
QUERYBUF = _request(9, _READ | _WRITE, Buffer)
QBUF = _request(15, _READ | _WRITE, Buffer)
DQBUF = _request(17, _READ | _WRITE, Buffer)
STREAMON = _request(18, _WRITE, BufType)
STREAMOFF = _request(19, _WRITE, BufType)
G_PARM = _request(21, _READ | _WRITE, StreamParm)
S_PARM = _request(22, _READ | _WRITE, StreamParm)
G_CTRL = _request(27, _READ | _WRITE, ControlValue)
S_CTRL = _request(28, _READ | _WRITE, ControlValue)
QUERYCTRL = _request(36, _READ | _WRITE, QueryCtrl)
ENUM_FRAMESIZES = _request(74, _READ | _WRITE, FrmSizeEnum)
ENUM_FRAMEINTERVALS = _request(75, _READ | _WRITE, FrmIvalEnum)
