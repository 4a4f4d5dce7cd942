"""XML of eSCL: what clients send is taken as they mean it, and nothing else is."""

from __future__ import annotations

import pytest

from server.share import escl
from server.share.devices import NETWORK
from server.share.escl import Colours, InputSource, Intent, Malformed, NotSupported, parse_settings
from server.storage.paths import PictureFormat
from tests.share.client import SPACES, settings

AIRSCAN = f"""<?xml version="1.0" encoding="UTF-8"?><scan:ScanSettings {SPACES}><pwg:Version>2.0</pwg:Version>
<scan:Intent>Photo</scan:Intent><pwg:ScanRegions><pwg:ScanRegion>
<pwg:ContentRegionUnits>escl:ThreeHundredthsOfInches</pwg:ContentRegionUnits><pwg:XOffset>10</pwg:XOffset>
<pwg:YOffset>20</pwg:YOffset><pwg:Width>2480</pwg:Width><pwg:Height>3508</pwg:Height></pwg:ScanRegion>
</pwg:ScanRegions><pwg:InputSource>Feeder</pwg:InputSource><scan:ColorMode>Grayscale8</scan:ColorMode>
<pwg:DocumentFormat>image/png</pwg:DocumentFormat><scan:XResolution>200</scan:XResolution>
<scan:YResolution>200</scan:YResolution><scan:Duplex>true</scan:Duplex></scan:ScanSettings>"""


def test_settings_are_read_as_sane_airscan_writes_them() -> None:
    read = parse_settings(AIRSCAN.encode())
    assert read == escl.ScanSettings(
        InputSource.DUPLEX,
        Colours.GREY,
        PictureFormat.PNG,
        200,
        escl.ScanRegion(10, 20, 2480, 3508),
        Intent.PHOTO,
    )


def test_newer_names_of_the_format_are_known_as_sane_escl_writes_them() -> None:
    body = settings().replace("pwg:DocumentFormat", "scan:DocumentFormatExt")
    assert (
        parse_settings(body.replace("image/jpeg", "application/pdf").encode()).picture_format
        is PictureFormat.PDF
    )


def test_settings_without_anything_are_the_devices_own() -> None:
    assert parse_settings(f"<scan:ScanSettings {SPACES}/>".encode()) == escl.ScanSettings()
    assert parse_settings(b"<ScanSettings/>") == escl.ScanSettings()
    assert parse_settings(settings(ContentType="Photo").encode()).intent is Intent.PHOTO
    assert parse_settings(settings(Intent="Unheard").encode()).intent is None


MALFORMED = {
    "empty": b"",
    "no XML": b"{}",
    "cut off": AIRSCAN.encode()[:200],
    "another root": b"<scan/>",
    "entities": b'<!DOCTYPE a [<!ENTITY b "bbbb"><!ENTITY c "&b;&b;">]><ScanSettings>&c;</ScanSettings>',
    "external entity": b'<!DOCTYPE a [<!ENTITY b SYSTEM "file:///etc/passwd">]><ScanSettings>&b;</ScanSettings>',
    "document type": b'<!DOCTYPE a SYSTEM "http://127.0.0.1/a"><ScanSettings/>',
    "unknown entity": b"<ScanSettings>&b;</ScanSettings>",
    "deep": b"<ScanSettings>" + b"<a>" * 50 + b"</a>" * 50 + b"</ScanSettings>",
    "many": b"<ScanSettings>" + b"<a/>" * 1000 + b"</ScanSettings>",
    "long value": b"<ScanSettings><a>" + b"x" * 1000 + b"</a></ScanSettings>",
    "large": b"<ScanSettings>" + b" " * escl.BODY_BYTES + b"</ScanSettings>",
    "odd encoding": b'<?xml version="1.0" encoding="nothing"?><ScanSettings/>',
    **{
        each: b'<?xml version="1.0" encoding="%b"?><ScanSettings/>' % each.encode()
        for each in ("gbk", "utf-7", "shift_jis", "utf_16", "hex", "")
    },
    "broken text": b"<ScanSettings>\xff\xfe</ScanSettings>",
}


@pytest.mark.parametrize("body", MALFORMED.values(), ids=MALFORMED)
def test_what_is_no_settings_is_refused(body: bytes) -> None:
    with pytest.raises(Malformed):
        parse_settings(body)


@pytest.mark.parametrize(
    "values",
    [
        {"InputSource": "Camera"},
        {"ColorMode": "RGB48"},
        {"DocumentFormat": "image/tiff"},
        {"XResolution": 1},
        {"XResolution": 100000},
        {"XResolution": "-75"},
        {"XResolution": "٣٠٠"},
        {"Width": "1e9", "Height": 1},
    ],
    ids=str,
)
def test_what_no_device_has_is_refused(values: dict[str, object]) -> None:
    with pytest.raises(NotSupported):
        parse_settings(settings(**values).encode())


def test_no_model_is_named_as_one_that_clients_treat_specially() -> None:
    """sane-airscan waits longer for models whose names begin so, or asks again for ever."""
    for name in ("EPSON WF-2930", "Brother MFC", "B205", "MF410 Series", "<b>&"):
        made = escl.capabilities_xml(escl.DeviceCapabilities(name, "u", ()), "http://a/").decode()
        assert "<pwg:MakeAndModel>gaopai " in made and "<b>" not in made


def test_no_state_of_a_feeder_is_one_that_clients_take_for_empty() -> None:
    """sane-airscan takes ScannerAdfProcessing for no documents."""
    assert b"ScannerAdfProcessing" not in escl.status_xml(False, "ScannerAdfLoaded", ())
    assert b"AdfState" not in escl.status_xml(True, "", ())


@pytest.mark.parametrize(
    ("name", "shared"),
    [
        ("sane:airscan:e0:Desk", False),
        ("sane:escl:http://127.0.0.1:8090", False),
        ("sane:net:10.0.0.1:test:0", False),
        ("sane:hpaio:/net/OfficeJet?ip=10.0.0.1", False),
        ("sane:brother4:net1;dev0", False),
        ("sane:epsonds:net:10.0.0.1", False),
        ("sane:v4l:/dev/video0", False),
        ("sane:test:0", True),
        ("sane:fujitsu:fi-7160:12", True),
        ("sane:epson2:libusb:001:004", True),
        ("sane:hpaio:/usb/OfficeJet?serial=1", True),
        ("demo:scanner", True),
    ],
)
def test_scanners_of_the_network_are_not_shared_again(name: str, shared: bool) -> None:
    assert (NETWORK.search(name) is None) is shared
