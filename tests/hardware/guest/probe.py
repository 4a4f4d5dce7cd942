"""Runs inside the guest: uses the V4L2 adapter on virtual cameras and writes what it saw.

``probe.py SHARE CACHE`` reads ``SHARE/page*.jpg`` and writes ``SHARE/result.json``: one entry a
step, either its value or the error that ended it. Nothing is judged here.
"""

from __future__ import annotations

import hashlib
import json
import os
import subprocess
import sys
import time
import traceback
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import asdict
from pathlib import Path

from server.devices.adapters.v4l2 import V4l2Finder, node_access
from server.devices.adapters.v4l2 import videodev2 as v4l2
from server.devices.adapters.v4l2.camera_controls import Control, controls, set_control
from server.devices.adapters.v4l2.finder import V4l2Camera
from server.devices.adapters.v4l2.stream import V4l2Stream
from server.devices.adapters.v4l2.video_node import Kernel, VideoNode
from server.devices.ports.camera import CameraMode, ControlName, ControlSetting, Frame, PixelFormat, Size
from server.errors import GaopaiError
from tests.hardware.guest.buttons import button_steps

SMALL = Size(320, 180)
PAGE = Size(2592, 1944)
NOBODY = 65534
KERNEL = Kernel()


def mode(fps: float = 0, size: Size = SMALL) -> CameraMode:
    return CameraMode(PixelFormat.YUYV, size, fps)


@contextmanager
def started(camera: V4l2Camera, wanted: CameraMode) -> Iterator[V4l2Stream]:
    stream = camera.open(wanted)
    try:
        stream.start()
        yield stream
    finally:
        stream.close()


def frames(stream: V4l2Stream, count: int) -> list[Frame]:
    found = [stream.read(5) for _ in range(count)]
    return [frame for frame in found if frame is not None]


@contextmanager
def settings(camera: V4l2Camera) -> Iterator[tuple[VideoNode, dict[str, Control]]]:
    device = VideoNode(KERNEL, camera.path)
    try:
        yield device, {control.name: control for control in controls(device)}
    finally:
        device.close()


def press(camera: V4l2Camera, button: str) -> None:
    with settings(camera) as (device, known):
        set_control(device, known[button].id, 1)


def error_of(call: Callable[[], object]) -> str:
    try:
        call()
    except GaopaiError as exc:
        return type(exc).__name__
    return "none"


# Steps on vivid ------------------------------------------------------------------------


def listed(finder: V4l2Finder) -> object:
    return [
        {
            "id": camera.info.id,
            "name": camera.info.name,
            "media": {media.format.value: [str(size) for size in media.sizes] for media in camera.info.media},
        }
        for camera in finder.find()
    ]


def nodes() -> object:
    return sorted(path.name for path in Path("/dev").glob("video*"))


def captured(camera: V4l2Camera) -> object:
    with started(camera, mode()) as stream:
        found = frames(stream, 8)
        return {
            "size": str(stream.mode.size),
            "lengths": sorted({len(frame.data) for frame in found}),
            "distinct": len({frame.data for frame in found}),
            "seqs": [frame.seq for frame in found],
            "times": [frame.time for frame in found],
            "now": time.monotonic(),
        }


def rates(camera: V4l2Camera) -> object:
    """For each wish the rate that was granted, and the one the driver's own stamps show."""
    result = {}
    for wanted in (0, 5, 14):
        with started(camera, mode(wanted)) as stream:
            # The first stamps after a start are uneven; a quarter of a second evens them out.
            _, _, first, *_, last = frames(stream, max(6, round(stream.mode.fps / 4)))
            shown = (last.seq - first.seq) / (last.time - first.time)
            result[str(wanted)] = {"granted": stream.mode.fps, "shown": shown}
    return result


def restarted(camera: V4l2Camera) -> object:
    with started(camera, mode()) as stream:
        before = frames(stream, 2)
        stream.stop()
        stream.start()
        return [frame.seq for frame in before + frames(stream, 2)]


def changed_setting(camera: V4l2Camera) -> object:
    with settings(camera) as (device, known):
        brightness = known["Brightness"]
        wanted = brightness.maximum if brightness.value != brightness.maximum else brightness.minimum
        taken = set_control(device, brightness.id, wanted)
        kept = {control.name: control for control in controls(device)}["Brightness"].value
        return {"count": len(known), "wanted": wanted, "taken": taken, "kept": kept}


def controlled(camera: V4l2Camera) -> object:
    """The controls by the protocol's names, set while the camera streams."""
    with started(camera, mode()) as stream:
        found = {control.name.value: asdict(control) for control in stream.controls()}
        stream.set_control(ControlSetting(ControlName.GAIN, 7, None))
        stream.set_control(ControlSetting(ControlName.CONTRAST, 100, None))
        manual = {control.name.value: asdict(control) for control in stream.controls()}
        stream.set_control(ControlSetting(ControlName.GAIN, None, True))
        automatic = {control.name.value: control.automatic for control in stream.controls()}
        return {"found": found, "manual": manual, "automatic": automatic, "frames": len(frames(stream, 2))}


def busy(camera: V4l2Camera) -> object:
    """A camera that streams already, and to a program whose name can be told."""
    fd = KERNEL.open(camera.path)
    sleeper = subprocess.Popen(["sleep", "60"], pass_fds=[fd])
    KERNEL.close(fd)
    try:
        with started(camera, mode()):
            camera.open(mode(size=Size(640, 360))).close()
    except GaopaiError as exc:
        return exc.message("en")
    finally:
        sleeper.kill()
        sleeper.wait()
    return "not busy"


def denied(camera: V4l2Camera) -> object:
    """The same as an account outside the group that may use cameras."""
    groups = os.getgroups()
    os.setgroups([])
    os.setegid(NOBODY)
    os.seteuid(NOBODY)
    try:
        access = [(found.ok, found.remedy.en) for found in node_access() if found.path == camera.path]
        return {"open": error_of(lambda: camera.open(mode())), "access": access}
    finally:
        os.seteuid(0)
        os.setegid(0)
        os.setgroups(groups)


def broken_frames(camera: V4l2Camera) -> object:
    with started(camera, mode()) as stream:
        seqs = [frame.seq for frame in frames(stream, 2)]
        press(camera, "Inject V4L2_BUF_FLAG_ERROR")
        # All buffers may be full by then: the marked frame comes after theirs.
        while len(seqs) < 40 and seqs[-1] - seqs[-2] == 1:
            seqs += [frame.seq for frame in frames(stream, 1)]
        return {"seqs": seqs, "then": len(frames(stream, 3))}


def refused_start(camera: V4l2Camera) -> object:
    result = {}
    for button in ("Inject VIDIOC_REQBUFS Error", "Inject VIDIOC_QBUF Error", "Inject VIDIOC_STREAMON Error"):
        stream = camera.open(mode())
        press(camera, button)
        refusal = error_of(stream.start)
        stream.start()
        result[button] = {"refusal": refusal, "frames then": len(frames(stream, 1))}
        stream.close()
    return result


def fatal_error(camera: V4l2Camera) -> object:
    with started(camera, mode()) as stream:
        frames(stream, 1)
        press(camera, "Inject Fatal Streaming Error")
        error = error_of(lambda: frames(stream, 10))
        stream.stop()
        stream.start()
        return {"error": error, "frames then": len(frames(stream, 1))}


def unplugged(camera: V4l2Camera) -> object:
    stream = camera.open(mode())
    stream.start()
    frames(stream, 1)
    press(camera, "Disconnect")
    result: dict[str, object] = {"read": error_of(lambda: frames(stream, 10))}
    result["stop"], result["close"] = error_of(stream.stop), error_of(stream.close)
    # With its last user gone vivid plugs itself in again.
    with started(camera, mode()) as again:
        result["frames then"] = len(frames(again, 1))
    return result


# Steps on v4l2loopback -----------------------------------------------------------------


class Writer:
    """The other end of the loopback: a program that is the camera."""

    def __init__(self, path: str) -> None:
        self._fd = os.open(path, os.O_RDWR)
        wanted = v4l2.Format(type=2)  # V4L2_BUF_TYPE_VIDEO_OUTPUT
        wanted.pix.width, wanted.pix.height = PAGE
        wanted.pix.pixelformat = v4l2.fourcc("MJPG")
        wanted.pix.sizeimage = 8 << 20
        KERNEL.ioctl(self._fd, v4l2.S_FMT, wanted)

    def write(self, data: bytes) -> None:
        os.write(self._fd, data)

    def close(self) -> None:
        os.close(self._fd)


def plug_in(cache: Path, finder: V4l2Finder) -> object:
    """Load the driver: its node appears while the finder watches."""
    finder.acknowledge_change()
    for module in (cache / "order.loopback").read_text().split()[-1:]:
        options = ["devices=1", "video_nr=10", 'card_label="Doc Cam"', "exclusive_caps=1"]
        subprocess.run(["/usr/bin/busybox", "insmod", str(cache / "modules" / module), *options], check=True)
    return {"udev": finder.change_fd() is not None, "noticed": noticed(finder), "nodes": nodes()}


def noticed(finder: V4l2Finder) -> bool:
    for _ in range(100):
        if finder.acknowledge_change():
            return True
        time.sleep(0.05)
    return False


def loopback(finder: V4l2Finder, share: Path) -> object:
    before = [camera.info.name for camera in finder.find()]
    writer = Writer("/dev/video10")
    try:
        writer.write((share / "page.jpg").read_bytes())
        (camera,) = (camera for camera in finder.find() if camera.info.name == "Doc Cam")
        return {
            "listed before a picture": "Doc Cam" in before,
            "id": camera.info.id,
            "sizes": [str(size) for size in camera.info.media[0].sizes],
            "received": passed_through(writer, camera, share),
        }
    finally:
        writer.close()


def passed_through(writer: Writer, camera: V4l2Camera, share: Path) -> object:
    """The hash of what arrives for each picture written, with what a camera does to it."""
    page, bare = ((share / name).read_bytes() for name in ("page.jpg", "bare.jpg"))
    written = {"plain": page, "padded": page + bytes(4096), "bare": bare}
    result = {}
    with started(camera, CameraMode(PixelFormat.MJPG, PAGE, 30)) as stream:
        for name, data in written.items():
            while stream.read(0):
                pass
            writer.write(data)
            frame = stream.read(5)
            result[name] = frame and hashlib.sha256(frame.data).hexdigest()
        writer.write(bytes(100_000))
        frame = stream.read(0.5)
        result["zeros"] = frame and len(frame.data)
    return result


def plug_out(finder: V4l2Finder) -> object:
    finder.acknowledge_change()
    subprocess.run(["/usr/bin/busybox", "rmmod", "v4l2loopback"], check=True)
    return {"noticed": noticed(finder), "nodes": nodes()}


# ---------------------------------------------------------------------------------------


def main(share: Path, cache: Path) -> None:
    finder = V4l2Finder()
    first, second, *_ = finder.find()
    steps: dict[str, Callable[[], object]] = {
        "nodes": nodes,
        "listed": lambda: listed(finder),
        "captured": lambda: captured(first),
        "rates": lambda: rates(first),
        "restarted": lambda: restarted(first),
        "changed setting": lambda: changed_setting(first),
        "controlled": lambda: controlled(first),
        "busy": lambda: busy(first),
        "denied": lambda: denied(first),
        "broken frames": lambda: broken_frames(first),
        "refused start": lambda: refused_start(first),
        "fatal error": lambda: fatal_error(first),
        **button_steps(),
        "plug in": lambda: plug_in(cache, finder),
        "loopback": lambda: loopback(finder, share),
        "plug out": lambda: plug_out(finder),
        "unplugged": lambda: unplugged(second),
        "still there": lambda: captured(first),
    }
    result = {}
    for name, step in steps.items():
        begun = time.monotonic()
        try:
            result[name] = {"value": step()}
        except Exception:  # noqa: BLE001, the other steps still tell something
            result[name] = {"error": traceback.format_exc()}
        result[name]["seconds"] = round(time.monotonic() - begun, 2)
        (share / "result.json").write_text(json.dumps(result))
    finder.close()


main(Path(sys.argv[1]), Path(sys.argv[2]))
