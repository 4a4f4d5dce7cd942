"""The browser policies that administrators copy: whole, and about one site only."""

from __future__ import annotations

import json

import pytest

from server.access.origins import canonical
from tests.architecture.tree import ROOT

POLICIES = ROOT / "packaging" / "policies"
CHROMIUM = ["chromium.json", "chromium-http.json"]
GUIDES = ["docs/administration.md", "docs/administration.zh.md"]
KNOWN = {
    "LocalNetworkAccessAllowedForUrls",
    "LoopbackNetworkAllowedForUrls",
    "OverrideSecurityRestrictionsOnInsecureOrigin",
}
"""Shown as valid by chrome://policy of Chromium 156."""


@pytest.mark.parametrize("name", CHROMIUM)
def test_chromiums_name_one_origin_in_full(name: str) -> None:
    policy = json.loads((POLICIES / name).read_text(encoding="utf-8"))
    assert policy.keys() <= KNOWN
    for origins in policy.values():
        assert [canonical(origin) for origin in origins] == origins
        assert len(origins) == 1


def test_an_insecure_page_needs_all_three() -> None:
    assert json.loads((POLICIES / "chromium-http.json").read_text(encoding="utf-8")).keys() == KNOWN


def test_firefoxs_names_one_host() -> None:
    policy = json.loads((POLICIES / "firefox.json").read_text(encoding="utf-8"))
    assert policy.keys() == {"policies"}
    access = policy["policies"]["LocalNetworkAccess"]
    assert access.keys() <= {"Enabled", "EnablePrompting", "SkipDomains", "BlockTrackers", "Locked"}
    assert access["SkipDomains"] == ["oa.example.cn"]


@pytest.mark.parametrize("guide", GUIDES)
def test_the_guide_shows_what_is_shipped(guide: str) -> None:
    text = (ROOT / guide).read_text(encoding="utf-8")
    for path in sorted(POLICIES.glob("*.json")):
        assert f"packaging/policies/{path.name}" in text
        assert path.read_text(encoding="utf-8") in text
