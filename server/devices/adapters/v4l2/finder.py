"""Cameras of this machine, found by their video nodes, and the access to these."""

from __future__ import annotations

import errno
import logging
import re
from collections.abc import Iterable, Mapping, Sequence
from contextlib import closing
from dataclasses import dataclass, replace
from pathlib import Path

from server.devices import hotplug
from server.devices.access import Account, DeviceKind, NodeAccess, try_node, without_group
from server.devices.adapters.v4l2 import pixels
from server.devices.adapters.v4l2.stream import V4l2Stream, translated
from server.devices.adapters.v4l2.video_node import Kernel, NodeIdentity, VideoNode, choose_rate
from server.devices.ports.camera import CameraInfo, CameraMode, MediaType, PixelFormat
from server.errors import DeviceFailed, DeviceGone, LocalizedText

log = logging.getLogger(__name__)


@dataclass(frozen=True, slots=True)
class V4l2Camera:
    """One video node that delivers pictures.

    Attributes
    ----------
    sources
        The driver's format to ask for, for each frame format in ``info.media``.
    """

    kernel: Kernel
    path: str
    identity: NodeIdentity
    info: CameraInfo
    sources: dict[PixelFormat, int]

    def open(self, mode: CameraMode) -> V4l2Stream:
        """Take the device in that mode. See `server.devices.ports.camera.Camera`."""
        with translated(self.info.name, self.path):
            device = VideoNode(self.kernel, self.path)
            try:
                return self._set_up(device, mode)
            except Exception:
                device.close()
                raise

    def _set_up(self, device: VideoNode, mode: CameraMode) -> V4l2Stream:
        if device.identity != self.identity:  # another device has got this node since
            raise DeviceGone(device=self.info.name)
        source = self.sources.get(mode.format)
        if source is None:
            raise DeviceFailed(device=self.info.name, reason=_no_format(mode.format))
        layout = device.set_format(source, mode.size)
        if layout.fourcc not in pixels.SOURCES:
            raise DeviceFailed(device=self.info.name, reason=_no_format(mode.format))
        rate = choose_rate(device.rates(layout.fourcc, layout.size), mode.fps)
        return V4l2Stream(device, self.path, layout, device.set_rate(rate) or mode.fps)


def _no_format(wanted: PixelFormat) -> LocalizedText:
    return LocalizedText(f"设备不提供 {wanted} 格式", f"it does not offer the format {wanted}")


class V4l2Finder(hotplug.WatchedCameras):
    """Lists cameras. See `server.devices.ports.camera.CameraFinder`.

    Parameters
    ----------
    paths
        Nodes or links to nodes (``/dev/v4l/by-id/...``) to list besides ``/dev/video*``. A mapping
        gives each its name; an empty one keeps what the device calls itself.
    root
        Folder of ``dev``, ``sys`` and ``run``.
    """

    def __init__(
        self,
        paths: Iterable[str] | Mapping[str, str] = (),
        root: Path = Path("/"),
        kernel: Kernel | None = None,
    ) -> None:
        self._paths = dict(paths) if isinstance(paths, Mapping) else dict.fromkeys(paths, "")
        self._root = root
        self._kernel = kernel or Kernel()
        self._watch = hotplug.watch(root, "video4linux", "video[0-9]*")
        self._left_out: dict[Path, str] = {}

    def find(self) -> Sequence[V4l2Camera]:
        """Return the cameras present, by node number, then those of the configured paths."""
        found: dict[str, V4l2Camera] = {}
        for node, name in self._nodes().items():
            camera = self._probe(node)
            if camera is not None and name:
                camera = replace(camera, info=replace(camera.info, name=name))
            if camera is not None and camera.info.id in found:  # a driver with one address for all
                camera = replace(camera, info=replace(camera.info, id=f"{camera.info.id}@{node.name}"))
            if camera is not None:
                found[camera.info.id] = camera
        return tuple(found.values())

    # Inside

    def _nodes(self) -> dict[Path, str]:
        """Return the nodes to probe, each with its configured name."""
        found = sorted((self._root / "dev").glob("video[0-9]*"), key=_number)
        nodes = dict.fromkeys((path.resolve() for path in found), "")
        named = {(self._root / path.lstrip("/")).resolve(): name for path, name in self._paths.items()}
        return nodes | named

    def _probe(self, node: Path) -> V4l2Camera | None:
        try:
            with closing(VideoNode(self._kernel, str(node))) as device:
                camera = self._describe(node, device)
        except OSError as exc:
            self._leave_out(node, exc)
            return None
        self._left_out.pop(node, None)
        return camera

    def _leave_out(self, node: Path, exc: OSError) -> None:
        """Log once why a node is not listed; pages ask for the list all the time."""
        reason = errno.errorcode.get(exc.errno or 0, str(exc.errno))
        if self._left_out.get(node) != reason:
            log.warning("%s is left out: %s", node, reason)
        self._left_out[node] = reason

    def _describe(self, node: Path, device: VideoNode) -> V4l2Camera | None:
        if not device.identity.captures:
            return None
        offered = tuple(device.formats())
        sources = pixels.sources(offered)
        media = tuple(MediaType(result, device.sizes(source)) for result, source in sources.items())
        media = tuple(kind for kind in media if kind.sizes)
        if not media:
            log.debug("%s offers no format in use here", node)
            return None
        info = CameraInfo(
            self._stable_id(node, device.identity),
            device.identity.card,
            media,
            housing=_housing(device.identity.bus),
            grey=pixels.grey_only(offered),
            # Of the USB device, whose interface the node belongs to.
            serial=_read(self._root / "sys/class/video4linux" / node.name / "device/../serial") or "",
        )
        return V4l2Camera(self._kernel, str(node), device.identity, info, sources)

    def _stable_id(self, node: Path, identity: NodeIdentity) -> str:
        """Return the bus address, and a suffix for nodes that share it.

        A camera for colour and one for infrared in one housing are two USB interfaces of
        one device; several nodes of one interface differ in their index.
        """
        described = self._root / "sys/class/video4linux" / node.name
        interface = _read(described / "device/bInterfaceNumber") or "00"
        index = _read(described / "index") or "0"
        suffix = "" if (interface, index) == ("00", "0") else f":{interface}.{index}"
        return f"v4l2:{identity.bus or node.name}{suffix}"


def _housing(bus: str) -> str:
    """Return the address of a USB device; virtual devices may share one, and get none."""
    return bus if bus.startswith("usb-") else ""


def _number(node: Path) -> int:
    return int(re.sub(r"\D", "", node.name))


def _read(attribute: Path) -> str | None:
    try:
        return attribute.read_text(encoding="ascii", errors="replace").strip()
    except OSError:
        return None  # virtual devices have no such attribute


def node_access(
    root: Path = Path("/"), kernel: Kernel | None = None, account: Account | None = None
) -> Sequence[NodeAccess]:
    """Try to open every ``/dev/video*`` and return the outcomes."""
    nodes = sorted((root / "dev").glob("video[0-9]*"), key=lambda node: (len(node.name), node.name))
    through = kernel or Kernel()
    account = account or Account()
    return tuple(
        try_node(node, lambda path: through.close(through.open(path)), _CAMERA, account) for node in nodes
    )


_CAMERA = DeviceKind(LocalizedText("摄像头", "the camera"), without_group("video"))
