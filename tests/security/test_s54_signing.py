"""S54: only the process of a signature reads its key; what is verified reaches no key, file or network."""

from __future__ import annotations

import logging
from pathlib import Path

import pytest

pytest.importorskip("pyhanko", reason="the extra archive is not installed")

from server.archive import signing
from server.archive.signing import Sign, SigningKey, make_key
from server.children.confinement import landlock
from server.children.confinement.profile import Profile
from server.errors import SigningFailed


async def test_only_the_process_of_a_signature_reads_the_key(tmp_path: Path) -> None:
    if not landlock.version():
        pytest.skip("this kernel has no Landlock")
    key = SigningKey(str(tmp_path / "key.pem"))
    await make_key(Path(key.path), "box")
    assert await signing.sign(b"text", key)
    # The same code with the rights of verification.
    with pytest.raises(SigningFailed, match="cannot be read"):
        await signing._run(Sign(key), [b"text"], Profile(programs=True))


async def test_no_password_is_in_a_log_an_error_or_an_argument(
    tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level(logging.DEBUG)
    key = SigningKey(str(tmp_path / "none"), "hunter2")
    with pytest.raises(SigningFailed) as failed:
        await signing.sign(b"text", key)
    assert "hunter2" not in caplog.text + str(failed.value) + repr(key)
