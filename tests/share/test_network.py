"""Another computer, here a network namespace, finds a shared camera by mDNS and scans over TLS."""

from __future__ import annotations

import importlib.util
import os
import shutil
import subprocess
import sys
from pathlib import Path

import PIL.Image
import pytest

from tests.patience import PATIENCE
from tests.service import REPOSITORY, configure
from tests.share import test_programs

TOOLS = ("unshare", "nsenter", "ip", "openssl", "curl", "dbus-daemon", "avahi-daemon", "avahi-browse")


def missing() -> str:
    """Return the words for a skip; empty if nothing is missing."""
    tools = [tool for tool in TOOLS if shutil.which(tool) is None]
    if os.geteuid() or tools or importlib.util.find_spec("zeroconf") is None:
        return f"needs root, the library zeroconf, and programs of which are missing: {tools}"
    return test_programs.missing()


@pytest.mark.long
@pytest.mark.skipif(bool(missing()), reason=missing())
@pytest.mark.parametrize("way", ["zeroconf", "avahi"])
def test_a_camera_is_found_and_used_over_tls(tmp_path: Path, way: str) -> None:
    configure(tmp_path, "")
    script = Path(__file__).with_name("network.sh")
    command = ["bash", str(script), str(tmp_path), sys.executable, way]
    done = subprocess.run(
        command, cwd=REPOSITORY, capture_output=True, text=True, timeout=2 * PATIENCE, check=False
    )
    if done.returncode == 77:
        pytest.skip("this machine makes no network namespaces")
    log = (tmp_path / "log").read_text()
    assert "found airscan:" in done.stdout, done.stdout + done.stderr + log
    assert (tmp_path / "page.png").exists(), done.stdout + done.stderr
    with PIL.Image.open(tmp_path / "page.png") as page:
        assert page.size == (876, 1169) or page.width > 800, done.stdout
    (found, *_) = [line.split(";") for line in done.stdout.splitlines() if line.startswith("=;")]
    assert found[4] == "_uscans._tcp" and found[7:9] == ["10.77.0.1", "8090"], found
    for record in ("rs=devices/70613244/eSCL", "vers=2.6", "is=platen,adf", "ty=gaopai Demo Document Camera"):
        assert f'"{record}"' in found[9]
    assert f"announced in the network by {way}" in log
    assert "plain 52" in done.stdout, "what is no TLS gets no answer"
    assert "stranger 35" in done.stdout and "which [share] allow does not list" in log
    assert "ERROR" not in log
