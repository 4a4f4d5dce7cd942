"""The fonts this machine has for Latin and for Chinese, and words to set in them."""

from __future__ import annotations

from functools import lru_cache
from pathlib import Path

import numpy as np
from PIL import ImageFont

from synthetic.documents.prose import SYSTEM, Faces

Font = ImageFont.FreeTypeFont | ImageFont.ImageFont
Random = np.random.Generator

FOLDERS = (Path("/usr/share/fonts"), Path("/usr/local/share/fonts"), Path.home() / ".fonts")
CHINESE_NAMES = ("cjk", "wqy", "song", "hei", "ming", "kai", "han")
LATIN_NAMES = ("dejavusans", "dejavuserif", "liberation", "freesans", "freeserif", "notosans-", "notoserif-")

SIMPLIFIED = ("uming", "ukai", "wqy", "wenkai")
SYMBOLS = ("math", "symbol", "d050000l", "hairline", "unsmry", "caps", "cw", "ipa", "dotgothic")
FAMILY = 8
"""Fonts of one family at most."""

_LATIN_TEXT = (
    "the invoice total of goods delivered to undersigned and stamp copy received account number date amount "
    "Office Order ODOUR Oslo QUOTA 0.50 100 2008 (60 %) O'Neill book good room noon of or on do go so pool "
    "agreement between parties shall remain in force until cancelled by either with notice three months"
)
LATIN = tuple(_LATIN_TEXT.split())
CHINESE = (
    "中华人民共和国居民身份证号码申请表银行业务凭证客户签名日期金额合计人民币大写元整经办复核单位公章收款付款"
    "电子发票增值税专用医院门诊收费票据姓名性别年龄科室项目数量单价备注以上内容真实有效特此证明国家口回日田圆"
)


def more_faces(folder: Path) -> Faces:
    """The fonts that `synthetic.documents.prose` names, and those in a folder, a few of each family."""
    found = sorted(path for kind in ("ttf", "otf", "ttc") for path in folder.rglob(f"*.{kind}"))
    found = [path for path in found if not any(name in path.stem.lower() for name in SYMBOLS)]
    chinese = [path for path in found if any(name in path.stem.lower() for name in SIMPLIFIED)]
    families: dict[str, list[Path]] = {}
    for path in found:
        if path not in chinese:
            families.setdefault(path.stem.lower()[:6], []).append(path)
    latin = [path for family in families.values() for path in family[:: -(-len(family) // FAMILY)]]
    return Faces(SYSTEM.latin + tuple(map(str, latin + chinese)), SYSTEM.chinese + tuple(map(str, chinese)))


@lru_cache(maxsize=1)
def _files() -> tuple[tuple[Path, ...], tuple[Path, ...]]:
    """Paths of Latin and of Chinese fonts, in a fixed order."""
    found = sorted(path for folder in FOLDERS if folder.is_dir() for path in folder.rglob("*.[to]t[fc]"))
    latin = tuple(path for path in found if path.stem.lower().startswith(LATIN_NAMES))
    chinese = tuple(path for path in found if any(name in path.stem.lower() for name in CHINESE_NAMES))
    return latin, chinese


def has_chinese() -> bool:
    """Whether there is a font for Chinese; without one all text is Latin."""
    return bool(_files()[1])


@lru_cache(maxsize=256)
def _load(path: Path, size: int) -> Font:
    return ImageFont.truetype(str(path), size)


def choose_font(random: Random, size: float, chinese: bool) -> Font:
    """One of the fonts there are, `size` pixels high."""
    latin, hanzi = _files()
    paths = hanzi if chinese and hanzi else latin
    if not paths:
        return ImageFont.load_default(max(6, round(size)))
    return _load(paths[int(random.integers(len(paths)))], max(4, round(size)))


def sentence(random: Random, length: int, chinese: bool) -> str:
    """About `length` characters of words without meaning."""
    if chinese and has_chinese():
        return "".join(random.choice(list(CHINESE), max(1, length // 2)))
    words = random.choice(LATIN, max(1, length // 5))
    return " ".join(words)[: max(1, length)]
