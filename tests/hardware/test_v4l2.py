"""The V4L2 adapter on a real kernel: vivid for raw frames and faults, v4l2loopback for MJPG."""

from __future__ import annotations

import hashlib
from itertools import pairwise

import pytest

from imgcore.jpeg.standard import STANDARD_DHT

pytestmark = [
    pytest.mark.hardware,
    # The guest is booted, if need be twice, inside the first test's set-up.
    pytest.mark.timeout(900),
]


@pytest.fixture
def seen(guest):
    """Looks up what one step saw; an error there is an error here."""

    def look(step: str):
        assert "error" not in guest[step], guest[step]["error"]
        return guest[step]["value"]

    return look


def test_metadata_nodes_are_not_listed(seen):
    assert len(seen("nodes")) == 3
    assert len(seen("listed")) == 2


def test_names_ids_and_sizes(seen):
    first, second = seen("listed")
    assert first["name"] == "vivid"
    assert (first["id"], second["id"]) == ("v4l2:platform:vivid-000", "v4l2:platform:vivid-001")
    assert {"3840x2160", "1920x1080", "640x360", "320x180"} <= set(first["media"]["YUY2"])


def test_frames_are_whole_and_in_order(seen):
    found = seen("captured")
    assert found["size"] == "320x180"
    assert found["lengths"] == [320 * 180 * 2]
    assert found["distinct"] > 4  # the picture changes by the millisecond, two may be alike
    assert found["seqs"][0] == 0
    assert all(a < b for a, b in pairwise(found["seqs"]))


def test_times_are_of_the_monotonic_clock(seen):
    found = seen("captured")
    assert all(a < b for a, b in pairwise(found["times"]))
    assert abs(found["now"] - found["times"][-1]) < 30


@pytest.mark.parametrize(("wanted", "granted"), [("0", 120), ("5", 5), ("14", 15)])
def test_the_granted_rate_is_the_real_one(seen, wanted, granted):
    found = seen("rates")[wanted]
    assert found["granted"] == pytest.approx(granted)
    assert found["shown"] == pytest.approx(granted, rel=0.3)


def test_a_stream_starts_again(seen):
    assert all(a < b for a, b in pairwise(seen("restarted")))


def test_a_setting_is_changed(seen):
    found = seen("changed setting")
    assert found["taken"] == found["kept"] == found["wanted"]


def test_controls_are_set_while_the_camera_streams(seen):
    found = seen("controlled")
    assert {"gain", "brightness", "contrast", "saturation"} <= found["found"].keys()
    assert (found["manual"]["gain"]["value"], found["manual"]["gain"]["automatic"]) == (7, False)
    assert found["manual"]["contrast"]["value"] == 100
    assert found["automatic"]["gain"] is True
    assert found["automatic"]["contrast"] is None
    assert found["frames"] == 2


def test_a_camera_in_use_is_busy_and_its_user_named(seen):
    assert seen("busy") == "vivid is in use by sleep. Close it there first."


def test_an_account_outside_the_group_is_refused_with_the_remedy(seen):
    found = seen("denied")
    assert found["open"] == "DevicePermission"
    ((ok, remedy),) = found["access"]
    assert not ok
    assert "usermod -aG video nobody" in remedy


def test_marked_frames_are_skipped(seen):
    found = seen("broken frames")
    assert found["then"] == 3
    assert any(b - a > 1 for a, b in pairwise(found["seqs"]))


@pytest.mark.parametrize("request_", ["REQBUFS", "QBUF", "STREAMON"])
def test_a_refused_start_leaves_nothing_behind(seen, request_):
    found = seen("refused start")[f"Inject VIDIOC_{request_} Error"]
    assert found == {"refusal": "DeviceFailed", "frames then": 1}


def test_a_fatal_error_ends_the_stream_and_a_restart_mends_it(seen):
    assert seen("fatal error") == {"error": "DeviceGone", "frames then": 1}


def test_unplugged_in_mid_stream(seen):
    assert seen("unplugged") == {"read": "DeviceGone", "stop": "none", "close": "none", "frames then": 1}


def test_one_unplugged_camera_does_not_disturb_another(seen):
    assert len(seen("still there")["seqs"]) == 8


def test_udev_tells_of_new_and_lost_nodes(seen):
    plugged = seen("plug in")
    pulled = seen("plug out")
    assert plugged["udev"]
    assert (plugged["noticed"], pulled["noticed"]) == (True, True)
    assert "video10" in plugged["nodes"]
    assert "video10" not in pulled["nodes"]


def test_an_output_becomes_a_camera_with_its_first_picture(seen):
    found = seen("loopback")
    assert not found["listed before a picture"]
    assert found["sizes"] == ["2592x1944"]


@pytest.mark.parametrize("written", ["plain", "padded"])
def test_mjpg_arrives_byte_for_byte(seen, pages, written):
    assert seen("loopback")["received"][written] == hashlib.sha256(pages["page.jpg"]).hexdigest()


def test_mjpg_without_tables_arrives_mended(seen, pages):
    bare = pages["bare.jpg"]
    scan = bare.index(b"\xff\xda")
    mended = bare[:scan] + STANDARD_DHT + bare[scan:]
    assert seen("loopback")["received"]["bare"] == hashlib.sha256(mended).hexdigest()


def test_empty_pictures_are_skipped(seen):
    assert seen("loopback")["received"]["zeros"] is None
