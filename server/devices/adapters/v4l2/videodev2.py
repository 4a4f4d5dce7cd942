"""The part of ``linux/videodev2.h`` a capture device needs: structures, requests, flags.

Names and layouts are the kernel's (userspace API, "Video for Linux"). ctypes lays the
structures out as the C compiler of this machine does, so sizes, and the request numbers
that contain them, are right on every 64-bit ABI.
"""

from __future__ import annotations

import ctypes
from ctypes import c_char, c_int32, c_long, c_uint8, c_uint32, c_ulong
from typing import Annotated, TypeVar, get_type_hints

S = TypeVar("S", bound=type[ctypes.Structure])
U32 = Annotated[int, c_uint32]
I32 = Annotated[int, c_int32]


def fourcc(text: str) -> int:
    """The kernel's number of a four-letter pixel format (``MJPG``)."""
    return int.from_bytes(text.encode("ascii"), "little")


# Constants -----------------------------------------------------------------------------

BUF_TYPE_VIDEO_CAPTURE = 1
"""Type of a buffer that the device fills with pictures."""
MEMORY_MMAP = 1
"""Kind of memory that the driver makes and programs map."""

CAP_VIDEO_CAPTURE = 0x00000001
"""Capability of a device to deliver pictures."""
CAP_STREAMING = 0x04000000
"""Capability of a device to fill buffers one after the other."""
CAP_DEVICE_CAPS = 0x80000000
"""Flag of an answer that states the capabilities of the one node, too."""
CAP_TIMEPERFRAME = 0x00001000
"""Capability of a device to be set to a frame rate."""

FRAME_DISCRETE = 1
"""Type of an enumerated size or interval that is one value; 2 and 3 are ranges."""

BUF_FLAG_ERROR = 0x00000040
"""Flag of a buffer whose picture may be damaged."""
BUF_FLAG_TIMESTAMP_MASK = 0x0000E000
"""Bits of a buffer's flags that say which clock its time is of."""
BUF_FLAG_TIMESTAMP_MONOTONIC = 0x00002000
"""Value of the clock's bits where a buffer's time is of ``CLOCK_MONOTONIC``."""

CTRL_FLAG_NEXT_CTRL = 0x80000000
"""Flag beside an identifier with which the next control is asked for."""
CTRL_FLAG_DISABLED = 0x0001
"""Flag of a control that is disabled for good, and to be passed over."""
CTRL_FLAG_READ_ONLY = 0x0004
"""Flag of a control that cannot be set."""
CTRL_FLAG_INACTIVE = 0x0010
"""Flag of a control that has no effect while another control rules it."""
CTRL_FLAG_WRITE_ONLY = 0x0040
"""Flag of a control whose value cannot be read."""


# Structures ----------------------------------------------------------------------------


def _structure(cls: S) -> S:
    """Lay a class out as its annotations say; those of an anonymous union's members only type them."""
    hints = get_type_hints(cls, include_extras=True)
    inside = {member for union in getattr(cls, "_anonymous_", ()) for member, *_ in hints[union]._fields_}
    fields = ((name, kind) for name, kind in hints.items() if name not in inside)
    cls._fields_ = [(name, getattr(kind, "__metadata__", (kind,))[0]) for name, kind in fields]
    return cls


@_structure
class Capability(ctypes.Structure):
    driver: Annotated[bytes, c_char * 16]
    card: Annotated[bytes, c_char * 32]
    bus_info: Annotated[bytes, c_char * 32]
    version: U32
    capabilities: U32
    device_caps: U32
    reserved: Annotated[object, c_uint32 * 3]


@_structure
class FmtDesc(ctypes.Structure):
    index: U32
    type: U32
    flags: U32
    description: Annotated[bytes, c_char * 32]
    pixelformat: U32
    mbus_code: U32
    reserved: Annotated[object, c_uint32 * 3]


class Discrete(ctypes.Structure):
    width: int
    height: int
    _fields_ = (("width", c_uint32), ("height", c_uint32))


@_structure
class Stepwise(ctypes.Structure):
    min_width: U32
    max_width: U32
    step_width: U32
    min_height: U32
    max_height: U32
    step_height: U32


class _FrmSize(ctypes.Union):
    _fields_ = (("discrete", Discrete), ("stepwise", Stepwise))


@_structure
class FrmSizeEnum(ctypes.Structure):
    _anonymous_ = ("size",)
    index: U32
    pixel_format: U32
    type: U32
    size: _FrmSize
    reserved: Annotated[object, c_uint32 * 2]
    discrete: Discrete
    stepwise: Stepwise


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


@_structure
class FrmIvalEnum(ctypes.Structure):
    _anonymous_ = ("interval",)
    index: U32
    pixel_format: U32
    width: U32
    height: U32
    type: U32
    interval: _FrmIval
    reserved: Annotated[object, c_uint32 * 2]
    discrete: Fract
    stepwise: IntervalRange


@_structure
class PixFormat(ctypes.Structure):
    width: U32
    height: U32
    pixelformat: U32
    field: U32
    bytesperline: U32
    sizeimage: U32
    colorspace: U32
    priv: U32
    flags: U32
    ycbcr_enc: U32
    quantization: U32
    xfer_func: U32


class _Format(ctypes.Union):
    # The kernel's union also holds structures with pointers: 200 bytes, pointer-aligned.
    _fields_ = (("pix", PixFormat), ("raw_data", c_uint8 * 200), ("alignment", c_ulong))


class Format(ctypes.Structure):
    type: int
    pix: PixFormat
    _anonymous_ = ("fmt",)
    _fields_ = (("type", c_uint32), ("fmt", _Format))


@_structure
class CaptureParm(ctypes.Structure):
    capability: U32
    capturemode: U32
    timeperframe: Fract
    extendedmode: U32
    readbuffers: U32
    reserved: Annotated[object, c_uint32 * 4]


class _Parm(ctypes.Union):
    _fields_ = (("capture", CaptureParm), ("raw_data", c_uint8 * 200))


class StreamParm(ctypes.Structure):
    type: int
    capture: CaptureParm
    _anonymous_ = ("parm",)
    _fields_ = (("type", c_uint32), ("parm", _Parm))


@_structure
class RequestBuffers(ctypes.Structure):
    count: U32
    type: U32
    memory: U32
    capabilities: U32
    flags: Annotated[object, c_uint8]
    reserved: Annotated[object, c_uint8 * 3]


class _Timeval(ctypes.Structure):
    tv_sec: int
    tv_usec: int
    _fields_ = (("tv_sec", c_long), ("tv_usec", c_long))


class _Timecode(ctypes.Structure):
    _fields_ = (("type", c_uint32), ("flags", c_uint32), ("digits", c_uint8 * 8))


class _Memory(ctypes.Union):
    _fields_ = (("offset", c_uint32), ("userptr", c_ulong))


@_structure
class Buffer(ctypes.Structure):
    _anonymous_ = ("m",)
    index: U32
    type: U32
    bytesused: U32
    flags: U32
    field: U32
    timestamp: _Timeval
    timecode: _Timecode
    sequence: U32
    memory: U32
    m: _Memory
    length: U32
    reserved2: U32
    request_fd: I32
    offset: U32


class BufType(ctypes.Structure):
    """The bare ``int`` that STREAMON and STREAMOFF take."""

    type: int
    _fields_ = (("type", c_int32),)


@_structure
class QueryCtrl(ctypes.Structure):
    id: U32
    type: U32
    name: Annotated[bytes, c_char * 32]
    minimum: I32
    maximum: I32
    step: I32
    default_value: I32
    flags: U32
    reserved: Annotated[object, c_uint32 * 2]


class ControlValue(ctypes.Structure):
    id: int
    value: int
    _fields_ = (("id", c_uint32), ("value", c_int32))


# Requests ------------------------------------------------------------------------------

_READ = 2
"""Direction of a request that the kernel answers."""
_WRITE = 1
"""Direction of a request that tells the kernel something."""


def _request(number: int, direction: int, structure: type[ctypes.Structure]) -> int:
    """``_IOC()`` of the generic ABI, which x86-64 and aarch64 share."""
    return direction << 30 | ctypes.sizeof(structure) << 16 | ord("V") << 8 | number


QUERYCAP = _request(0, _READ, Capability)
"""Request for the name and the capabilities of a device."""
ENUM_FMT = _request(2, _READ | _WRITE, FmtDesc)
"""Request for one of the pixel formats of a device."""
S_FMT = _request(5, _READ | _WRITE, Format)
"""Request to set the pixel format and the size."""
REQBUFS = _request(8, _READ | _WRITE, RequestBuffers)
"""Request to make buffers, or to free them all."""
QUERYBUF = _request(9, _READ | _WRITE, Buffer)
"""Request for the place and the length of a buffer."""
QBUF = _request(15, _READ | _WRITE, Buffer)
"""Request to hand a buffer to the driver, to be filled."""
DQBUF = _request(17, _READ | _WRITE, Buffer)
"""Request to take the next filled buffer from the driver."""
STREAMON = _request(18, _WRITE, BufType)
"""Request to begin to fill buffers."""
STREAMOFF = _request(19, _WRITE, BufType)
"""Request to end filling buffers, which takes all of them from the driver."""
G_PARM = _request(21, _READ | _WRITE, StreamParm)
"""Request for the interval between two frames."""
S_PARM = _request(22, _READ | _WRITE, StreamParm)
"""Request to set the interval between two frames."""
G_CTRL = _request(27, _READ | _WRITE, ControlValue)
"""Request for the value of a control."""
S_CTRL = _request(28, _READ | _WRITE, ControlValue)
"""Request to set the value of a control."""
QUERYCTRL = _request(36, _READ | _WRITE, QueryCtrl)
"""Request for the description of a control."""
ENUM_FRAMESIZES = _request(74, _READ | _WRITE, FrmSizeEnum)
"""Request for one of the sizes of a pixel format."""
ENUM_FRAMEINTERVALS = _request(75, _READ | _WRITE, FrmIvalEnum)
"""Request for one of the intervals between two frames at a size of a pixel format."""
