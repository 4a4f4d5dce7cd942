"""Documents in the storage: suffixes of their own, and files in pieces."""

from __future__ import annotations

from datetime import datetime

import pytest

from server.errors import BadSuffix, FileExists
from server.storage.root import Storage

NOW = datetime(2026, 11, 24, 15, 30, 12)


def test_a_document_is_written_piece_by_piece(storage: Storage) -> None:
    path = storage.save_document("sub/a.ofd", [b"one ", memoryview(b"and two"), b""], ("ofd",))
    assert path == storage.root / "sub" / "a.ofd"
    assert path.read_bytes() == b"one and two"
    with pytest.raises(FileExists):
        storage.of("https://other.example").save_document("sub/a.ofd", [b"x"], ("ofd",))


def test_its_suffix_is_its_own(storage: Storage) -> None:
    for name in ("a.pdf", "a", "ofd"):
        with pytest.raises(BadSuffix, match="ofd"):
            storage.check(name, ("ofd",))
        with pytest.raises(BadSuffix):
            storage.save_document(name, [b"x"], ("ofd",))
    storage.check("a.OFD", ("ofd",))
    assert storage.default_name("ofd", NOW, ("ofd",)).endswith(".ofd")
    assert list(storage.root.iterdir()) == []


def test_a_picture_cannot_have_it(storage: Storage) -> None:
    with pytest.raises(BadSuffix):
        storage.check("a.ofd")
    with pytest.raises(BadSuffix):
        storage.save("a.ofd", b"x")
    with pytest.raises(BadSuffix):
        storage.default_name("ofd", NOW)
