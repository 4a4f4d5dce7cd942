"""Archives of npm packages: by npm if it is here, else from the registry that its configuration names."""

from __future__ import annotations

import os
import shutil
from collections.abc import Mapping, Sequence
from pathlib import Path

from models.manifest import Archive


def pack_command(source: Archive, folder: Path) -> Sequence[str] | None:
    """Build the command that downloads the archive into `folder`; None if npm is not here."""
    npm = shutil.which("npm")
    if npm is None:
        return None
    return [npm, "pack", "--silent", "--ignore-scripts", "--pack-destination", str(folder), source.package]


def address(source: Archive, environment: Mapping[str, str] = os.environ) -> str | None:
    """Address of the archive in the configured registry; None if no https registry is configured."""
    registry = environment.get("npm_config_registry") or environment.get("NPM_CONFIG_REGISTRY")
    registry = registry or _from_file(environment)
    if registry is None or not registry.startswith("https://"):
        return None
    return f"{registry.rstrip('/')}/{source.package.rpartition('@')[0]}/-/{source.file}"


def _from_file(environment: Mapping[str, str]) -> str | None:
    paths = [environment.get("NPM_CONFIG_USERCONFIG"), Path.home() / ".npmrc", "/etc/npmrc"]
    for path in (Path(path) for path in paths if path):
        if path.is_file():
            for line in path.read_text(encoding="utf-8", errors="replace").splitlines():
                key, _, value = line.partition("=")
                if key.strip() == "registry":
                    return value.strip().strip("\"'")
    return None
