"""Print the bill of materials of an installed environment: sbom.py SITE-PACKAGES VERSION [SOURCES].

CycloneDX 1.6 in JSON: each library by name, version and licence, below it the shared libraries that its
wheel carries with their hashes, and what depends on what; then what was compiled from Debian's sources,
whose versions lie in the folder SOURCES. SOURCE_DATE_EPOCH settles its time.
"""

from __future__ import annotations

import hashlib
import json
import os
import re
import sys
import uuid
from collections.abc import Iterator
from datetime import UTC, datetime
from importlib.metadata import Distribution, distributions
from pathlib import Path
from typing import Any
from urllib.parse import quote

OURS = "gaopai"
CARRIED = re.compile(r"\.so(\.\d+)*$")


def main(site: Path, version: str, sources: Path | None = None) -> dict[str, Any]:
    """The bill of what lies in the folder `site`, for the package's `version`."""
    found = {_name(one): one for one in distributions(path=[str(site)])}
    epoch = int(os.environ.get("SOURCE_DATE_EPOCH", "0"))
    ours = found.pop(OURS)
    components = [_component(found[name], site) for name in sorted(found)]
    components += [_compiled(file) for file in sorted(sources.glob("*.version"))] if sources else []
    bill = {
        "$schema": "http://cyclonedx.org/schema/bom-1.6.schema.json",
        "bomFormat": "CycloneDX",
        "specVersion": "1.6",
        "version": 1,
        "metadata": {
            "timestamp": datetime.fromtimestamp(epoch, UTC).isoformat(),
            "component": _identity(ours) | {"type": "application", "version": version},
        },
        "components": components,
        "dependencies": [_dependencies(one, found) for one in (ours, *map(found.get, sorted(found))) if one],
    }
    # The same content has the same number.
    number = uuid.uuid5(uuid.NAMESPACE_URL, json.dumps(bill, sort_keys=True))
    return bill | {"serialNumber": f"urn:uuid:{number}"}


def _name(distribution: Distribution) -> str:
    return re.sub(r"[-_.]+", "-", distribution.metadata["Name"]).lower()


def _reference(distribution: Distribution) -> str:
    return f"pkg:pypi/{_name(distribution)}@{distribution.version}"


def _identity(distribution: Distribution) -> dict[str, Any]:
    reference = _reference(distribution)
    facts = {
        "bom-ref": reference,
        "name": distribution.metadata["Name"],
        "version": distribution.version,
        "purl": reference,
    }
    licence = _licence(distribution)
    return facts | ({"licenses": [licence]} if licence else {})


def _licence(distribution: Distribution) -> dict[str, Any] | None:
    """As its makers state it: an SPDX expression, a line of their own, or classifiers."""
    facts = distribution.metadata
    if expression := facts.get("License-Expression"):
        return {"expression": expression}
    stated = (facts.get("License") or "").strip()
    if stated and "\n" not in stated and stated != "UNKNOWN":
        return {"license": {"name": stated}}
    known = [line for line in facts.get_all("Classifier", []) if line.startswith("License ::")]
    names = " or ".join(line.rpartition(" :: ")[2] for line in known)
    return {"license": {"name": names}} if names else None


def _component(distribution: Distribution, site: Path) -> dict[str, Any]:
    carried = [_library(path, distribution, site) for path in _shared_libraries(distribution)]
    return _identity(distribution) | {"type": "library"} | ({"components": carried} if carried else {})


def _compiled(file: Path) -> dict[str, Any]:
    """A source package of Debian, by the file that tells its version."""
    name = file.stem
    version = file.read_text(encoding="utf-8").strip()
    reference = f"pkg:deb/debian/{name}@{quote(version)}?arch=source"
    return {"bom-ref": reference, "name": name, "version": version, "purl": reference, "type": "library"}


def _shared_libraries(distribution: Distribution) -> Iterator[Path]:
    """What auditwheel put into the wheel: other projects' libraries, in a folder NAME.libs."""
    for file in sorted(map(str, distribution.files or ())):
        path = Path(str(distribution.locate_file(file)))
        if CARRIED.search(file) and Path(file).parts[0].endswith(".libs") and path.is_file():
            yield path


def _library(path: Path, distribution: Distribution, site: Path) -> dict[str, Any]:
    content = hashlib.sha256(path.read_bytes()).hexdigest()
    return {
        "type": "library",
        "bom-ref": f"{_reference(distribution)}#{path.relative_to(site)}",
        "name": path.name,
        "hashes": [{"alg": "SHA-256", "content": content}],
    }


def _dependencies(distribution: Distribution, found: dict[str, Distribution]) -> dict[str, Any]:
    wanted = {re.split(r"[^\w.-]", line, maxsplit=1)[0] for line in distribution.requires or ()}
    names = {re.sub(r"[-_.]+", "-", name).lower() for name in wanted} & found.keys()
    return {"ref": _reference(distribution), "dependsOn": sorted(_reference(found[name]) for name in names)}


if __name__ == "__main__":
    bill = main(Path(sys.argv[1]), sys.argv[2], *map(Path, sys.argv[3:]))
    sys.stdout.write(json.dumps(bill, indent=1, ensure_ascii=False, sort_keys=True) + "\n")
