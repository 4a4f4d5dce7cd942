"""Structure sizes and request numbers, as a C program prints them on x86-64 and aarch64."""

import ctypes

import pytest

from server.devices.adapters.v4l2 import videodev2 as v4l2


@pytest.mark.parametrize(
    ("name", "number"),
    [
        ("QUERYCAP", 0x80685600), ("ENUM_FMT", 0xC0405602), ("S_FMT", 0xC0D05605), ("REQBUFS", 0xC0145608),
        ("QUERYBUF", 0xC0585609), ("QBUF", 0xC058560F), ("DQBUF", 0xC0585611), ("STREAMON", 0x40045612),
        ("STREAMOFF", 0x40045613), ("G_PARM", 0xC0CC5615), ("S_PARM", 0xC0CC5616), ("G_CTRL", 0xC008561B),
        ("S_CTRL", 0xC008561C), ("QUERYCTRL", 0xC0445624), ("ENUM_FRAMESIZES", 0xC02C564A),
        ("ENUM_FRAMEINTERVALS", 0xC034564B),
    ],
)  # fmt: skip
def test_request_number(name, number):
    assert getattr(v4l2, name) == number


@pytest.mark.parametrize(
    ("structure", "field", "offset"),
    [
        (v4l2.Format, "pix", 8), (v4l2.StreamParm, "capture", 4), (v4l2.CaptureParm, "timeperframe", 8),
        (v4l2.FrmSizeEnum, "discrete", 12), (v4l2.FrmIvalEnum, "discrete", 20),
        (v4l2.Buffer, "timestamp", 24),
        (v4l2.Buffer, "sequence", 56), (v4l2.Buffer, "offset", 64), (v4l2.Buffer, "length", 72),
        (v4l2.Capability, "device_caps", 88), (v4l2.PixFormat, "sizeimage", 20),
        (v4l2.QueryCtrl, "flags", 56),
    ],
)  # fmt: skip
def test_field_offset(structure, field, offset):
    assert getattr(structure, field).offset == offset


def test_a_four_letter_code_reads_in_memory_order():
    number = ctypes.c_uint32(v4l2.fourcc("MJPG"))
    assert bytes(number) == b"MJPG"
