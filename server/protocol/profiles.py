"""Profiles: sets of members that requests take over by name."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from itertools import chain
from types import MappingProxyType

import msgspec
from msgspec import Raw

from server import errors
from server.errors import LocalizedText
from server.protocol import parameters
from server.protocol.catalogue import CATALOGUE
from server.protocol.messages.base import Request
from server.protocol.messages.pictures import ImageInfoRequest

PROFILE = "profile"
_NONE = Raw(b"null")
_NO_MEMBER = LocalizedText("没有此参数", "no function has such a parameter")
_NO_PROFILE = LocalizedText("应为名称或对象", "a name or an object is expected")
_NO_PROFILES = LocalizedText("配置中没有任何方案", "the configuration has no profiles")
_UNKNOWN_PROFILE = LocalizedText(
    "没有此名称的方案，已有：{names}", "there is none of that name, only: {names}"
)


class Profiles:
    """Members of requests by the name of a profile: those that a request names and does not give itself.

    Parameters
    ----------
    named
        Members as in messages; those that are none of a function are not for it. The settings of pictures
        become `settings`, where a function has that.

    Raises
    ------
    server.errors.BadParameter
        A value is invalid, or no function has a member of that name.
    """

    def __init__(self, named: Mapping[str, Mapping[str, object]] = MappingProxyType({})) -> None:
        self._named = {name: _raw_members(members) for name, members in named.items()}
        served = [each.request for each in CATALOGUE.values() if PROFILE in parameters.names(each.request)]
        served.append(ImageInfoRequest)
        known = frozenset(chain.from_iterable(map(parameters.names, served)))
        for name, members in self._named.items():
            if strange := [key for key in members if key not in known]:
                raise errors.BadParameter(field=f"profiles.{name}.{strange[0]}", reason=_NO_MEMBER)
            for request in served:
                _check(request, members)

    def filled(self, request: type[Request], members: dict[str, Raw]) -> dict[str, Raw]:
        """Return the members of a request with those of the profile that it names, or that it brings.

        Raises
        ------
        server.errors.BadParameter
            There is none of that name.
        """
        if PROFILE not in members or PROFILE not in parameters.names(request):
            return members
        own = self._members(members[PROFILE])
        settings = {key: raw for key, raw in own.items() if key in parameters.names(ImageInfoRequest)}
        if settings:
            own = {"settings": Raw(msgspec.json.encode(settings)), **own}
        given = _aliases(request, members)
        # The name stays, by which files are kept.
        name = members[PROFILE] if bytes(members[PROFILE]).startswith(b'"') else _NONE
        return {**{key: raw for key, raw in own.items() if key not in given}, **members, PROFILE: name}

    def _members(self, raw: Raw) -> Mapping[str, Raw]:
        try:
            asked = msgspec.json.decode(raw, type=str | dict[str, Raw] | None)
        except (msgspec.DecodeError, UnicodeError) as error:
            raise errors.BadParameter(field=PROFILE, reason=_NO_PROFILE) from error
        if isinstance(asked, str) and asked and asked not in self._named:
            there = ", ".join(self._named)
            reason = _UNKNOWN_PROFILE.filled(names=there) if there else _NO_PROFILES
            raise errors.BadParameter(field=PROFILE, reason=reason)
        return asked if isinstance(asked, dict) else self._named.get(asked or "", {})


def _raw_members(members: Mapping[str, object]) -> dict[str, Raw]:
    return {key: Raw(msgspec.json.encode(value)) for key, value in members.items()}


def _aliases(request: type, members: Iterable[str]) -> frozenset[str]:
    """Return the names of the parameters that are among some names of members, in all their spellings."""
    given = frozenset(members)
    spellings = (one.names for one in parameters.parameters(request))
    return frozenset(chain.from_iterable(names for names in spellings if given & set(names)))


def _check(request: type, members: Mapping[str, Raw]) -> None:
    """Refuse members that are not as a request has them; others may lack."""
    for one in parameters.parameters(request):
        if any(name in members for name in one.names) and (value := one.find(members)) is not None:
            one.check(value)


NO_PROFILES = Profiles()
