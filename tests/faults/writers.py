"""Everything by which the service writes: done by a child that may be ended at any call, then judged."""

from __future__ import annotations

import contextlib
import datetime
import errno
import hashlib
import importlib
import json
import os
import sqlite3
import sys
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any, NoReturn

import pytest

import models.fetch
from models.manifest import Model
from server.access.grants import FILE as GRANTS
from server.access.grants import GrantFile
from server.admin.api import AdminRefusal
from server.admin.config_file import ConfigFile, stamp_of
from server.archive import RECORD_SUFFIXES
from server.batch.faults import BatchFault, PageFault
from server.batch.journal import JOURNAL, Done, Journal, SourceIdentity
from server.batch.pages import OutputWriter
from server.config import Config, StorageConfig, parse
from server.errors import FileOfAnotherOrigin, GaopaiError
from server.services.upload.transfer import QueuedUpload, Upload, UploadQueue
from server.storage.atomic import write_private
from server.storage.paths import SUFFIXES
from server.storage.private_file import PrivateFileUnreadable
from server.storage.root import Storage
from server.telemetry.audit import AuditTrail
from server.telemetry.chain import START, follow
from server.telemetry.trail_files import NAME, RotatingFiles, opened_lines, trail_files
from server.tls.store import CertificateStore, CertificateUnusable
from tests.faults.tracer import Note
from tests.unit.documents.samples import jpeg, pdf

REFUSALS = (
    OSError,
    AdminRefusal,
    GaopaiError,
    PrivateFileUnreadable,
    CertificateUnusable,
    BatchFault,
    PageFault,
    sqlite3.Error,
    models.fetch.ModelMissing,
)
"""What may come of a failing disk."""


@dataclass(frozen=True)
class Writer:
    """One way in which the service writes.

    Attributes
    ----------
    modules
        Whose writes these are.
    prepare
        What is there before.
    write
        The work; it notes each promise it gives.
    judge
        What must hold afterwards, given the promises; includes the next start.
    """

    modules: tuple[str, ...]
    write: Callable[[Path, Note], None]
    judge: Callable[[Path, Sequence[str]], None]
    prepare: Callable[[Path], object] = lambda folder: None


@contextlib.contextmanager
def attempt(note: Note, name: str) -> Iterator[None]:
    """Note that `name` was done, or ``-name`` where it was refused in an orderly way."""
    try:
        yield
    except REFUSALS:
        note(f"-{name}")
    else:
        note(name)


def content(name: str) -> bytes:
    """What the file of that name holds, some blocks long."""
    return f"{name}\n".encode() * 700


def visible(folder: Path) -> dict[str, bytes]:
    """The files that a person would see."""
    paths = [path for path in folder.rglob("*") if path.is_file() and not path.name.startswith(".")]
    return {str(path.relative_to(folder)): path.read_bytes() for path in paths}


def judge_files(folder: Path, notes: Sequence[str], whole: Mapping[str, Sequence[bytes]]) -> None:
    """No half file, nothing promised lost, nothing refused there."""
    seen = visible(folder)
    for name, data in seen.items():
        assert data in whole[name], f"{name} is neither the old nor the new one ({len(data)} bytes)"
    for note in notes:
        assert note.startswith("-") or note in seen, f"{note} was promised and is lost"


ORIGINS = ("https://a.example", "https://b.example")

# Pictures and documents -------------------------------------------------------------------

NAMES = [f"day/{suffix}.{suffix}" for suffix in SUFFIXES]
DOCUMENTS = ["a.pdf", "a.tif", "a.ofd"]
PAGES = ["scan.jpg", "scan1.jpg", "scan2.jpg"]
RECORDED = ["a.jpg", "a.jpg.json", "a.jpg.xml"]


def _save(folder: Path, note: Note) -> None:
    storage = Storage(folder)
    for name in NAMES:
        with attempt(note, name):
            storage.save(name, content(name))


def _merge(folder: Path, note: Note) -> None:
    storage = Storage(folder)
    for name in DOCUMENTS:
        pieces = [content(name)[:5000], memoryview(content(name))[5000:]]
        with attempt(note, name):
            storage.save_document(name, pieces, ("pdf", "tif", "ofd"))


def _split(folder: Path, note: Note) -> None:
    with attempt(note, "scan.jpg"):
        Storage(folder).save_series("scan.jpg", [content(name) for name in PAGES])


def _scan(folder: Path, note: Note) -> None:
    storage = Storage(folder)
    for number, name in enumerate(PAGES):
        # A page that was refused leaves its number to the next one.
        with attempt(note, name):
            storage.save_next("scan.jpg", number, content(name))


def _replace(folder: Path, note: Note) -> None:
    storage = Storage(folder, overwrite="always")
    with attempt(note, "a.jpg"):
        storage.save("a.jpg", content("new"))


@contextlib.contextmanager
def no_attributes() -> Iterator[None]:
    """A file system that keeps no extended attributes."""

    def unsupported(*_: object) -> NoReturn:
        raise OSError(errno.ENOTSUP, os.strerror(errno.ENOTSUP))

    straight = os.setxattr, os.getxattr
    os.setxattr = os.getxattr = unsupported
    try:
        yield
    finally:
        os.setxattr, os.getxattr = straight


def _own(folder: Path, note: Note) -> None:
    with no_attributes():
        storage = Storage(folder).of(ORIGINS[0])
        for version in ("old", "new"):
            with attempt(note, "a.jpg"):
                storage.save("a.jpg", content(version))


def _judge_own(folder: Path, notes: Sequence[str]) -> None:
    there = (folder / "a.jpg").exists()
    assert there or "a.jpg" not in notes
    with no_attributes():
        storage = Storage(folder)
        if there:
            assert (folder / "a.jpg").read_bytes() in (content("old"), content("new"))
            storage.of(ORIGINS[0]).read("a.jpg", 1 << 20)
            with pytest.raises(FileOfAnotherOrigin):
                storage.of(ORIGINS[1]).read("a.jpg", 1 << 20)
        storage.of(ORIGINS[0]).save("a.jpg", b"next")
    (record,) = (path for path in (folder / ".gaopai").rglob("*") if path.is_file())
    assert record.parent.name == "origins"


def _judge_storage(folder: Path, notes: Sequence[str], whole: Mapping[str, Sequence[bytes]]) -> None:
    judge_files(folder, notes, whole)
    before = visible(folder)
    for name in notes:
        assert not name.startswith("-") or name[1:] not in before, f"{name[1:]} was refused and is there"
    storage = Storage(folder)
    hidden = [path for path in folder.rglob(".*") if path.is_file()]
    assert not hidden, f"the next start leaves {hidden}"
    assert visible(folder) == before
    storage.save("next.jpg", b"the next start works")
    assert storage.read("next.jpg", 100) == b"the next start works"


def _stored(names: Sequence[str]) -> Callable[[Path, Sequence[str]], None]:
    whole = {name: (content(name),) for name in names}
    return lambda folder, notes: _judge_storage(folder, notes, whole)


def _judge_split(folder: Path, notes: Sequence[str]) -> None:
    _judge_storage(folder, notes, {name: (content(name),) for name in PAGES})
    seen = set(visible(folder)) & set(PAGES)
    assert "scan.jpg" not in notes or seen == set(PAGES)
    assert "-scan.jpg" not in notes or not seen, "a part of a series that was refused is there"


def _beside(name: str, _: object) -> Mapping[str, Sequence[bytes]]:
    return {f"{name}{suffix}": [content(f"{name}{suffix}")] for suffix in RECORD_SUFFIXES}


def _record(folder: Path, note: Note) -> None:
    with attempt(note, "a.jpg"):
        Storage(folder).recording(_beside).save("a.jpg", content("a.jpg"))


def _judge_recorded(folder: Path, notes: Sequence[str]) -> None:
    _judge_storage(folder, notes, {name: (content(name),) for name in RECORDED})
    seen = set(visible(folder)) & set(RECORDED)
    assert "a.jpg" not in seen or seen == set(RECORDED), "a file without its record"
    assert "-a.jpg" not in notes or not seen, "a record of a file that was refused"


def _judge_replaced(folder: Path, notes: Sequence[str]) -> None:
    judge_files(folder, notes, {"a.jpg": (content("old"), content("new"))})
    assert "a.jpg" not in notes or visible(folder)["a.jpg"] == content("new")
    Storage(folder, overwrite="always").save("a.jpg", b"next")


def _retain(folder: Path, note: Note) -> None:
    """The times of the tests' files are as the disk has them: the days are over in the far future."""
    with attempt(note, "start"):
        storage = Storage(folder)
        storage.retention.renew(StorageConfig(keep_days=30, hold=("held",)))
        with attempt(note, "pass"):
            storage.retention.remove_due(FUTURE, lambda state, files, _: note(f"{state} {files}"))


def _prepare_retained(folder: Path) -> None:
    storage = Storage(folder)
    storage.recording(_beside).save("a.jpg", content("a.jpg"))
    for name in RETAINED:
        storage.save(name, content(name))
    (folder / "copied.jpg").write_bytes(content("copied.jpg"))


def _judge_retained(folder: Path, notes: Sequence[str]) -> None:
    """Whole files alone; what is held and what nobody recorded stays; the next pass does the rest."""
    seen = visible(folder)
    assert seen == {name: content(name) for name in seen}
    assert {"held/a.jpg", "copied.jpg"} <= set(seen)
    assert "a.jpg" not in seen or set(RECORDED) <= set(seen), "a file without its record"
    if "removed 5" in notes:
        assert set(seen) == {"held/a.jpg", "copied.jpg"}
    told = [note for note in notes if note.startswith("due")]
    assert told or len(seen) == 7, "something went that nobody was told of"
    _retain(folder, lambda _: None)
    assert set(visible(folder)) == {"held/a.jpg", "copied.jpg"}
    assert not [path for path in folder.rglob(".*") if path.is_file()]


RETAINED = ("day/b.jpg", "day/c.jpg", "held/a.jpg")
FUTURE = 4e9

# Uploads that wait -------------------------------------------------------------------------


def _upload(name: str) -> QueuedUpload:
    upload = Upload("http://127.0.0.1/up", None, {}, picture=content(name), req_id=b"1", id=name)
    return QueuedUpload(upload, 1, 1.0, float(ord(name[0])))


def _queue(folder: Path, note: Note) -> None:
    try:
        entries = UploadQueue(folder, 1 << 20)
    except REFUSALS:
        note("-begin")
        return
    for name in ("a", "b", "c"):
        with attempt(note, f"add {name}"):
            assert entries.add(_upload(name))
    with attempt(note, "remove b"):
        entries.remove("b")
    with attempt(note, "postpone a"):
        entries.postpone("a", 2, 7.0)
    with attempt(note, "close"):
        entries.close()


def _judge_queue(folder: Path, notes: Sequence[str]) -> None:
    entries = UploadQueue(folder, 1 << 20)
    there: dict[str, QueuedUpload] = {}
    while (entry := entries.next(tuple(there))) is not None:
        there[entry.upload.id] = entry
    for name, entry in there.items():
        assert entry.upload.picture == content(name)
    for name in {note[4:] for note in notes if note.startswith("add ")}:
        assert name in there or name == "b", f"{name} was promised and is lost"
    assert "remove b" not in notes or "b" not in there
    assert not {"postpone a", "add a"} <= set(notes) or there["a"].attempts == 2
    assert entries.add(_upload("z"))
    entries.close()
    if "remove b" in notes:
        left = b"".join(path.read_bytes() for path in folder.rglob("*") if path.is_file())
        assert content("b")[:200] not in left, "what was sent is still on the disk"


# Batch ---------------------------------------------------------------------------------------


def _identity(page: int) -> SourceIdentity:
    return SourceIdentity(f"page{page}", f"page{page}.jpg", 1, 2, "s")


def _batch(folder: Path, note: Note) -> None:
    with attempt(note, "begin"), Journal(folder) as journal:
        output = OutputWriter(folder, [])
        for page in range(3):
            with attempt(note, f"page{page}.png"):
                output.write([f"page{page}.png"], [content(f"page{page}.png")])
                journal.add(_identity(page), 1, Done(1, 1), [f"page{page}.png"])


def _judge_batch(folder: Path, notes: Sequence[str]) -> None:
    names = [f"page{page}.png" for page in range(3)]
    judge_files(
        folder, [note for note in notes if "begin" not in note], {name: (content(name),) for name in names}
    )
    OutputWriter(folder, [])
    assert [path.name for path in folder.rglob(".*")] in ([], [JOURNAL])
    with Journal(folder) as journal:
        for page, name in enumerate(names):
            done = journal.find(_identity(page), 1)
            assert done is None or (folder / name).is_file(), f"{name} counts as done and is not there"
            assert done is not None or name not in notes
        journal.add(_identity(9), 1, Done(1, 1), ["page9.png"])
    with Journal(folder) as journal:
        assert journal.find(_identity(9), 1) == Done(1, 1)


# Audit trail, decisions, token, models -------------------------------------------------------


def _audit(folder: Path, note: Note) -> None:
    try:
        audit = AuditTrail(RotatingFiles(folder, 700, 3))
    except REFUSALS:
        note("-begin")
        return
    for number in range(6):
        audit.write({"event": "test", "number": number})
    audit.close()
    note(f"lost {audit.lost}")


def _judge_audit(folder: Path, notes: Sequence[str]) -> None:
    audit = AuditTrail(RotatingFiles(folder, 700, 3))
    audit.write({"event": "after"})
    audit.close()
    assert audit.lost == 0
    verdict = follow(trail_files(folder))
    if verdict.broken is not None:
        # Half a line, which only a kill in the middle of a write can leave, stands alone.
        name, number = verdict.broken
        with opened_lines(folder / name) as lines:
            line = list(lines)[number - 1]
        assert not line.rstrip().endswith("}"), f"the trail is broken at {name} line {number}"
        assert not notes, "a process that lived on left half a line"
        return
    with opened_lines(folder / NAME) as lines:
        assert json.loads(list(lines)[-1])["event"] == "after"
    lost = sum(int(note.removeprefix("lost ")) for note in notes if note.startswith("lost "))
    assert sum(gap.lines for gap in verdict.gaps) == lost, "what was lost is not told, or told wrong"
    assert not list(folder.glob("*.part")), "a killed writer's file stays"
    if notes == ["lost 0"]:
        assert verdict.last != START


def _decide(folder: Path, note: Note) -> None:
    grants = GrantFile(folder)
    for origin in ORIGINS:
        with attempt(note, origin):
            grants.decide(origin, True, "command")
    with attempt(note, "revoke"):
        grants.revoke(ORIGINS[0])


def _judge_decisions(folder: Path, notes: Sequence[str]) -> None:
    grants = GrantFile(folder)
    kept = grants.read()
    for origin in ORIGINS:
        assert origin not in notes or origin in kept or (origin == ORIGINS[0] and len(notes) > 1)
    assert not ("revoke" in notes and ORIGINS[0] in kept)
    grants.decide("https://next.example", True, "command")
    assert {*kept, "https://next.example"} == set(grants.read())
    assert {path.name for path in folder.iterdir()} == {GRANTS}, "a killed writer's file stays"


def _token(folder: Path, note: Note) -> None:
    with attempt(note, "token"):
        write_private(folder / "token", content("new"))


def _judge_token(folder: Path, notes: Sequence[str]) -> None:
    judge_files(folder, notes, {"token": (content("old"), content("new"))})
    assert visible(folder)["token"] == content("new" if "token" in notes else "old") or not notes
    assert (folder / "token").stat().st_mode & 0o777 == 0o600
    write_private(folder / "token", content("next"))
    assert {path.name for path in folder.iterdir()} == {"token"}, "a killed writer's file stays"


def _make_key(folder: Path, note: Note) -> None:
    with attempt(note, "key"):
        _archive_worker().make_key(folder / "signing.pem", "box")


def _judge_key(folder: Path, notes: Sequence[str]) -> None:
    path = folder / "signing.pem"
    worker = _archive_worker()
    assert path.exists() or "key" not in notes
    made = worker._from_file(path, b"") if path.exists() else None
    worker.make_key(path, "box")
    kept, _ = worker._from_file(path, b"")
    assert made is None or made[0].dump() == kept.dump(), "the key is no other"


SIGNED = {"a-signed.pdf": "a.pdf", "a.txt.p7s": "a.txt"}


def _prepare_signed(folder: Path) -> None:
    _archive_worker().make_key(folder / "signing.pem", "box")
    made = pdf(jpeg())
    for name in ("a.pdf", "before.pdf"):
        (folder / name).write_bytes(made)
    (folder / "a.txt").write_bytes(content("a.txt"))


def _sign(folder: Path, note: Note) -> None:
    """As `SignFile` does, and the command."""
    for name, source in SIGNED.items():
        with attempt(note, name):
            job = _signing().Sign(_signing().SigningKey(str(folder / "signing.pem")))
            made, _ = _archive_worker().signature(job, (folder / source).read_bytes(), bytes)
            if name.endswith("pdf"):
                Storage(folder).save_documents(name, [[made]], ("pdf",))
            else:
                write_private(folder / name, made)


def _judge_signed(folder: Path, notes: Sequence[str]) -> None:
    """A signature is whole or not there, what was signed is as it was, and the next attempt is none worse."""
    assert (folder / "a.pdf").read_bytes() == (folder / "before.pdf").read_bytes()
    assert (folder / "a.txt").read_bytes() == content("a.txt")
    _judge_signatures(folder, [note for note in notes if note in SIGNED])
    # pyHanko reads the time zone in its own loop, once.
    importlib.import_module("tzlocal").get_localzone()
    for name in SIGNED:
        (folder / name).unlink(missing_ok=True)
    _sign(folder, lambda _: None)
    _judge_signatures(folder, list(SIGNED))
    assert {path.name for path in folder.glob(".*")} <= {".gaopai"}, "a killed writer's file stays"


def _judge_signatures(folder: Path, promised: Sequence[str]) -> None:
    report = importlib.import_module("server.archive.verification").report
    for name, source in SIGNED.items():
        there = (folder / name).exists()
        assert there or name not in promised, f"{name} was promised and is lost"
        if there:
            made = (folder / name).read_bytes()
            data = (folder / source).read_bytes()
            assert (report(made, b"", b"") if name.endswith("pdf") else report(data, made, b"")).holds, name


def _signing() -> Any:
    return importlib.import_module("server.archive.signing")


def _archive_worker() -> Any:
    return importlib.import_module("server.archive.worker")


def _configure(folder: Path, note: Note) -> None:
    with attempt(note, "config"):
        _config_file(folder).write(CONFIG[1], stamp_of(CONFIG[0]))


def _judge_config(folder: Path, notes: Sequence[str]) -> None:
    kept = (folder / "gaopai.toml").read_text(encoding="utf-8")
    assert kept in CONFIG and (kept == CONFIG[1] or "config" not in notes)
    _config_file(folder).write(CONFIG[1], stamp_of(kept))
    assert {path.name for path in folder.iterdir()} == {"gaopai.toml"}, "a killed writer's file stays"


CONFIG = ("# as it was\n" * 1000, '[log]\nlevel = "DEBUG"\n' + "# as it is\n" * 1000)


def _config_file(folder: Path) -> ConfigFile:
    return ConfigFile(folder / "gaopai.toml", Config, parse)


MODEL = content("model.onnx")


def _model() -> Model:
    digest = hashlib.sha256(MODEL).hexdigest()
    return Model("model", "role", "model.onnx", "", "", "", len(MODEL), digest, ())


def _store(folder: Path, note: Note) -> None:
    os.environ["GAOPAI_MODELS"] = str(folder)
    os.environ["XDG_DATA_HOME"] = str(folder / "home")
    with attempt(note, "stored"):
        models.fetch.store(_model(), MODEL)


def _judge_models(folder: Path, notes: Sequence[str]) -> None:
    found = [path for path in folder.rglob("model.onnx") if path.is_file()]
    assert all(path.read_bytes() == MODEL for path in found)
    assert found or "stored" not in notes
    for path in folder.glob(".*"):
        os.utime(path, (0, 0))
    before = dict(os.environ)
    try:
        _store(folder, lambda text: None)
    finally:
        os.environ.clear()
        os.environ.update(before)
    assert (folder / "model.onnx").read_bytes() == MODEL
    assert not list(folder.glob(".*")), "a killed writer's file stays"


NOW = datetime.datetime(2026, 11, 25, tzinfo=datetime.UTC)


def _certify(folder: Path, note: Note) -> None:
    with attempt(note, "made"):
        CertificateStore(folder).install(NOW)
    with attempt(note, "renewed"):
        CertificateStore(folder).renew(NOW + datetime.timedelta(days=360))


def _judge_certificates(folder: Path, notes: Sequence[str]) -> None:
    cabinet = CertificateStore(folder)
    authority, service = cabinet.read()
    assert authority is not None or "made" not in notes
    assert service is not None or "made" not in notes or "renewed" not in notes
    cabinet.install(NOW)
    again, service = cabinet.read()
    assert service is not None and again is not None
    # Whoever trusted the authority need not do so anew.
    assert authority is None or again.pem == authority.pem
    assert not list((folder / "tls").glob(".*")), "a killed writer's file stays"


def _old(name: str) -> Callable[[Path], object]:
    return lambda folder: write_private(folder / name, content("old"))


STORAGE = (
    "server.storage.atomic",
    "server.storage.place",
    "server.storage.ownership",
    "server.storage.root",
)

WRITERS: Mapping[str, Writer] = {
    "captures in every format": Writer(STORAGE, _save, _stored(NAMES)),
    "merged documents": Writer(STORAGE, _merge, _stored(DOCUMENTS)),
    "the files of a split": Writer(STORAGE, _split, _judge_split),
    "pages of a scan": Writer(STORAGE, _scan, _stored(PAGES)),
    "a file and its record": Writer(STORAGE, _record, _judge_recorded),
    "a file that is replaced": Writer(STORAGE, _replace, _judge_replaced, _old("a.jpg")),
    "what retention removes": Writer(
        ("server.storage.retention",), _retain, _judge_retained, _prepare_retained
    ),
    "the origins of files, where a disk keeps no attributes": Writer(
        ("server.storage.ownership", "server.storage.atomic"), _own, _judge_own
    ),
    "uploads that wait": Writer(("server.services.upload.transfer",), _queue, _judge_queue),
    "results and journal of a batch": Writer(
        ("server.batch.journal", "server.batch.pages"), _batch, _judge_batch
    ),
    "the audit trail": Writer(
        ("server.telemetry.audit", "server.telemetry.trail_files", "server.telemetry.audit"),
        _audit,
        _judge_audit,
    ),
    "decisions about origins": Writer(
        ("server.access.grants", "server.storage.private_file"), _decide, _judge_decisions
    ),
    "the token": Writer(("server.access.grants", "server.cli.token"), _token, _judge_token, _old("token")),
    "the key of signatures": Writer(("server.archive.worker",), _make_key, _judge_key),
    "signed files": Writer(STORAGE, _sign, _judge_signed, _prepare_signed),
    "certificates": Writer(("server.tls.store", "server.storage.atomic"), _certify, _judge_certificates),
    "the configuration": Writer(
        ("server.admin.config_file", "server.storage.atomic"),
        _configure,
        _judge_config,
        lambda folder: (folder / "gaopai.toml").write_text(CONFIG[0], encoding="utf-8"),
    ),
    "models": Writer(("models.fetch",), _store, _judge_models),
}

assert NAME == "audit.jsonl"


if __name__ == "__main__":
    # NAME FOLDER: do it, and print what was promised, a note a line.
    WRITERS[sys.argv[1]].write(Path(sys.argv[2]), lambda text: print(text, flush=True))
