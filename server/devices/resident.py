"""Parser of the text block of resident ID cards, and the codes of GB/T 3304 for ethnic groups."""

from __future__ import annotations

from dataclasses import dataclass, field, replace

from server.devices.ports.card_reader import ResidentCard, ResidentForm

# fmt: off
_GROUPS = (
    "汉", "蒙古", "回", "藏", "维吾尔", "苗", "彝", "壮", "布依", "朝鲜",  # from 01
    "满", "侗", "瑶", "白", "土家", "哈尼", "哈萨克", "傣", "黎", "傈僳",  # from 11
    "佤", "畲", "高山", "拉祜", "水", "东乡", "纳西", "景颇", "柯尔克孜", "土",  # from 21
    "达斡尔", "仫佬", "羌", "布朗", "撒拉", "毛南", "仡佬", "锡伯", "阿昌", "普米",  # from 31
    "塔吉克", "怒", "乌孜别克", "俄罗斯", "鄂温克", "德昂", "保安", "裕固", "京", "塔塔尔",  # from 41
    "独龙", "鄂伦春", "赫哲", "门巴", "珞巴", "基诺",  # from 51
)
# fmt: on
"""The 56 ethnic groups of GB/T 3304-1991 in the order of their codes, from 01."""
_NATIONS = {f"{code:02}": name for code, name in enumerate(_GROUPS, 1)} | {
    "97": "其他",
    "98": "外国血统中国籍人士",
}
"""Names of the ethnic groups by their code of two digits, and two codes for people of none of them."""
_GENDERS = {"0": "未知", "1": "男", "2": "女", "9": "未说明"}
"""Genders by their code of one digit."""


def nation_name(code: str) -> str:
    """Return the ethnic group of a code, ``01`` to ``56``, ``97`` or ``98``, as printed: 汉, without 族.

    Returns
    -------
    str
        Empty for any other code.
    """
    return _NATIONS.get(code, "")


def nation_code(name: str) -> str:
    """Return the code of an ethnic group by its name as `nation_name` returns it; empty for any other."""
    return next((code for code, known in _NATIONS.items() if known == name), "")


def gender_name(code: str) -> str:
    """Return 男 for ``1``, 女 for ``2``, 未知 for ``0``, 未说明 for ``9``; empty for any other code."""
    return _GENDERS.get(code, "")


TEXT_BYTES = 256
"""Bytes of a card's text block, in UTF-16."""
ADDRESS_BYTES = 70
"""Bytes of the address that was added to the card later, in UTF-16."""
_PADDING = " \0\u3000"
"""Characters with which the card fills up an item."""

Place = tuple[int, int]
"""Offset and length, in bytes, of an item in the text block."""
_KIND: Place = (248, 2)
"""Place of the letter that tells the kind of document; a citizen's card has none."""
_START: Place = (188, 16)
"""Place of the first day of validity."""
_END: Place = (204, 16)
"""Place of the last day of validity, or of the words that it does not expire."""
_NUMBER: Place = (122, 36)
"""Place of the holder's number on cards other than those for foreigners of 2017."""
_CHINESE_NAME: Place = (0, 30)
"""Place of the holder's Chinese name on cards other than those for foreigners of 2017."""
_GENDER: Place = (30, 2)
"""Place of the code of the holder's gender on cards other than those for foreigners of 2017."""
_BIRTH: Place = (36, 16)
"""Place of the date of birth on cards other than those for foreigners of 2017."""
_ISSUER: Place = (158, 30)
"""Place of the name of the issuing authority on a citizen's card and on a residence permit."""


class MalformedRecord(Exception):
    """The module's data is not that of a card; the text quotes nothing of it."""


@dataclass(frozen=True, slots=True)
class Blocks:
    """Parts of the answer to a read command."""

    text: bytes = field(repr=False)
    portrait: bytes = field(default=b"", repr=False)
    fingers: bytes = field(default=b"", repr=False)


def split(data: bytes, parts: int) -> Blocks:
    """Split an answer's data, which has the length of each part, big-endian, and then the parts.

    Parameters
    ----------
    parts
        Number of parts: 2, or 3 with fingerprint features.

    Raises
    ------
    MalformedRecord
        The lengths do not add up, or that of the text is wrong.
    """
    lengths = [int.from_bytes(data[at : at + 2], "big") for at in range(0, 2 * parts, 2)]
    blocks: list[bytes] = []
    at = 2 * parts
    for length in lengths:
        blocks.append(data[at : at + length])
        at += length
    if at != len(data) or lengths[0] != TEXT_BYTES:
        raise MalformedRecord("the lengths of its parts are wrong")
    return Blocks(*blocks)


def read_card(blocks: Blocks, latest_address: str = "") -> ResidentCard:
    """Parse the card of an answer.

    A foreigner without a Chinese name has the English one as `name` too. The issuer on a foreigner's
    card of 2017 is the code of an authority; that of 2023 names none. Invalid dates stay as the card
    has them.

    Raises
    ------
    MalformedRecord
        The kind of document is unknown: none of those of 2023.
    """
    text = _Text(blocks.text)
    read = _LAYOUTS.get(text.at(_KIND))
    if read is None:
        raise MalformedRecord("it is a document of an unknown kind")
    return replace(
        read(text),
        latest_address=latest_address,
        portrait_wlt=blocks.portrait,
        finger_features=blocks.fingers,
    )


def latest_address(data: bytes) -> str:
    """Return the text of an answer to `Command.READ_ADDRESS`."""
    return _Text(data).at((0, ADDRESS_BYTES))


class _Text:
    """Text block of 256 bytes."""

    def __init__(self, data: bytes) -> None:
        self._data = data

    def at(self, place: Place, more: Place = (0, 0)) -> str:
        """Return the item at a place, or at two if it is too long for one."""
        raw = b"".join(self._data[start : start + length] for start, length in (place, more))
        return raw.decode("utf-16-le", "replace").strip(_PADDING)

    def date(self, place: Place) -> str:
        """Return a date as ``YYYY-MM-DD``."""
        text = self.at(place)
        if len(text) == 8 and text.isascii() and text.isdigit():
            return f"{text[:4]}-{text[4:6]}-{text[6:]}"
        return text

    def gender(self, place: Place = _GENDER) -> str:
        return gender_name(self.at(place))


def _citizen(text: _Text) -> ResidentCard:
    return ResidentCard(
        form=ResidentForm.CITIZEN,
        name=text.at(_CHINESE_NAME),
        gender=text.gender(),
        nation=nation_name(text.at((32, 4))),
        birth=text.date(_BIRTH),
        address=text.at((52, 70)),
        number=text.at(_NUMBER),
        issuer=text.at(_ISSUER),
        start=text.date(_START),
        end=text.date(_END),
    )


def _residence(text: _Text) -> ResidentCard:
    pass_number = text.at((220, 18))
    return replace(_citizen(text), form=ResidentForm.RESIDENCE, nation="", pass_number=pass_number)


def _foreigner_2017(text: _Text) -> ResidentCard:
    english = text.at((0, 120))
    return ResidentCard(
        form=ResidentForm.FOREIGNER_2017,
        name=text.at((158, 30)) or english,
        english_name=english,
        gender=text.gender((120, 2)),
        birth=text.date((220, 16)),
        number=text.at((122, 30)),
        nationality=text.at((152, 6)),
        issuer=text.at((240, 8)),
        start=text.date(_START),
        end=text.date(_END),
    )


def _foreigner_2023(text: _Text) -> ResidentCard:
    english = text.at((52, 70), (220, 22))
    return ResidentCard(
        form=ResidentForm.FOREIGNER_2023,
        name=text.at(_CHINESE_NAME) or english,
        english_name=english,
        gender=text.gender(),
        birth=text.date(_BIRTH),
        number=text.at(_NUMBER),
        nationality=text.at((242, 6)),
        issuer="",
        start=text.date(_START),
        end=text.date(_END),
    )


_LAYOUTS = {"": _citizen, "J": _residence, "I": _foreigner_2017, "Y": _foreigner_2023}
"""Functions that read a text block, by the letter that tells the kind of document."""
