"""What `gaopai doctor` says where something is missing."""

from __future__ import annotations

import ctypes
import json
import re
import socket
import sys
from functools import partial
from pathlib import Path

import pytest

from server.cli import doctor, main
from server.cli.doctor import devices, libraries, running
from server.cli.doctor.check import Check
from server.devices.access import NodeAccess
from server.errors import LocalizedText
from server.runtime import lazy_imports


@pytest.fixture(autouse=True)
def no_device(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    """Nobody's devices are opened."""
    for kind in ("camera", "scanner", "finger"):
        monkeypatch.setattr(devices, f"{kind}_permissions", tuple)
    monkeypatch.setattr(devices, "serial_ports", partial(devices.serial_ports, root=tmp_path))


def _run(*words: object) -> int:
    return main([str(word) for word in words])


def test_doctor_names_what_is_wrong_and_how_to_mend_it(
    tmp_path: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(running, "SECONDS", 0.05)
    with socket.create_server(("127.0.0.1", 0)) as taken:
        config = tmp_path / "gaopai.toml"
        config.write_text(f'[server]\nport = {taken.getsockname()[1]}\n[storage]\nroot = "{tmp_path}/root"\n')
        assert _run("doctor", "--json", "--config", config) == 1
    checks = {check["name"]: check for check in json.loads(capsys.readouterr().out)["checks"]}
    assert checks["storage"]["ok"]
    assert not checks["port"]["ok"]
    assert checks["port"]["remedy"]
    # Nobody answers there.
    assert not checks["background work"]["ok"]


def test_doctor_does_without_scanners(
    capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    load = ctypes.CDLL

    def without_sane(name: str | None, **options: bool) -> ctypes.CDLL:
        if name == "libsane.so.1":
            raise OSError(name)
        return load(name, **options)

    monkeypatch.setattr(ctypes, "CDLL", without_sane)
    monkeypatch.setitem(sys.modules, "sane", None)
    found = {check.name: check for check in doctor.examine(None) if "sane" in check.name}
    assert set(found) == {"libsane", "python-sane"}
    for check in found.values():
        assert check.optional and not check.ok
        assert "apt install libsane-dev sane-utils" in check.remedy.en
    assert "pip install python-sane" in found["python-sane"].remedy.en
    monkeypatch.setattr(doctor, "examine", lambda _: found.values())
    assert _run("doctor") == 0
    assert "without python-sane" in capsys.readouterr().out


def test_doctor_tells_of_a_library_that_cannot_be_read(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (tmp_path / "broken.py").write_text("raise ImportError('libGL.so.1: cannot open shared object file')")
    monkeypatch.syspath_prepend(tmp_path)
    monkeypatch.setattr(lazy_imports, "LIBRARIES", frozenset({"broken"}))
    monkeypatch.setattr(sys, "meta_path", [lazy_imports.LazyFinder(), *sys.meta_path])
    monkeypatch.setattr(libraries, "LIBRARIES", {"broken": libraries.library("broken")})
    check = next(check for check in libraries.examine() if check.name == "broken")
    assert not check.ok and "libGL.so.1" in check.reason.en
    del sys.modules["broken"]


def test_doctor_does_without_pyscard(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(devices.metadata, "version", _not_installed)
    found = {check.name: check for check in doctor.examine(None)}
    check = found["pyscard"]
    assert (check.optional, check.ok) == (True, False)
    assert "pip install pyscard" in check.remedy.en
    assert "pcscd" not in found


def test_doctor_does_without_a_smart_card_service(monkeypatch: pytest.MonkeyPatch) -> None:
    stopped = NodeAccess(
        "pcscd", False, LocalizedText("没有运行", "is not running"), LocalizedText("启动", "start it")
    )
    monkeypatch.setattr(devices, "smart_card_service", lambda: stopped)
    monkeypatch.setattr(devices.metadata, "version", lambda _: "2.3.1")
    found = {check.name: check for check in doctor.examine(None)}
    assert found["pyscard"].ok
    check = found["pcscd"]
    assert (check.optional, check.ok, check.remedy.en) == (True, False, "start it")


def test_doctor_does_not_look_for_smart_cards_where_they_are_not_wanted(tmp_path: Path) -> None:
    config = tmp_path / "gaopai.toml"
    config.write_text("[cards]\nenabled = false\n")
    found = {check.name: check for check in doctor.examine(config)}
    assert found["pcscd"].ok
    assert "pyscard" not in found


def _not_installed(package: str) -> str:
    raise devices.metadata.PackageNotFoundError(package)


def test_doctor_does_without_resident_readers(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.setitem(sys.modules, "serial", None)
    monkeypatch.setitem(sys.modules, "usb", None)
    config = tmp_path / "gaopai.toml"
    config.write_text(f'[cards]\nsamv = ["{tmp_path}/ttyUSB0"]\n')
    found = {check.name: check for check in doctor.examine(config)}
    for package in ("pyserial", "pyusb"):
        assert (found[package].optional, found[package].ok) == (True, False)
        assert found[package].remedy.en == f"pip install {package}"
    assert not found[f"{tmp_path}/ttyUSB0"].ok


def test_doctor_does_without_fingerprint_sensors(tmp_path: Path) -> None:
    config = tmp_path / "gaopai.toml"
    config.write_text(f'[fingers]\npython = "{tmp_path}/python"\n')
    (check,) = (check for check in doctor.examine(config) if check.name == "libfprint")
    assert (check.optional, check.ok) == (True, False)
    assert "apt install libfprint-2-2 gir1.2-fprint-2.0 python3-gi" in check.remedy.en
    config.write_text("[fingers]\nenabled = false\n")
    (check,) = (check for check in doctor.examine(config) if check.name == "libfprint")
    assert check.ok


def test_doctor_does_without_models_of_faces(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("GAOPAI_MODELS", str(tmp_path))
    monkeypatch.setenv("XDG_DATA_HOME", str(tmp_path))
    config = tmp_path / "gaopai.toml"
    config.write_text(f'[faces]\ninsightface_pack = "{tmp_path}/pack"\naccept_noncommercial = true\n')
    for path, comparison in ((None, "gaopai models fetch"), (config, "insightface_pack")):
        found = {check.name: check for check in doctor.examine(path)}
        for name, words in (("face comparison", comparison), ("face liveness", "gaopai models")):
            assert (found[name].optional, found[name].ok) == (True, False)
            assert words in found[name].reason.en


def test_doctor_does_without_tesseract(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("PATH", str(tmp_path))
    (check,) = (check for check in doctor.examine(None) if check.name == "tesseract")
    assert check.optional and not check.ok
    assert "apt install tesseract-ocr tesseract-ocr-chi-sim" in check.remedy.en


def test_doctor_says_which_language_tesseract_lacks(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (tmp_path / "tesseract").write_text("#!/bin/sh\necho eng\n")
    (tmp_path / "tesseract").chmod(0o755)
    monkeypatch.setenv("PATH", str(tmp_path))
    (check,) = (check for check in doctor.examine(None) if check.name == "tesseract")
    assert (check.optional, check.ok) == (True, False)
    assert "not chi_sim" in check.reason.en


def test_both_languages_say_the_same(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    rule = 'polkit.addRule(function() { return "{user}"; });'
    denied = Check(
        "pcscd", False, LocalizedText("不允许", "denied"), LocalizedText(f"写入 {rule}", f"write {rule}")
    )
    monkeypatch.setattr(doctor, "examine", lambda _: iter([denied]))
    assert _run("doctor", "--language", "en") == 1
    shown = f"MISSING pcscd: denied\n        -> write {rule}\n"
    assert capsys.readouterr().out == f"Devices\n{shown}\n1 missing: the service will not work\n"
    assert _run("doctor", "--language", "zh") == 1
    shown = f"缺少    pcscd: 不允许\n        -> 写入 {rule}\n"
    assert capsys.readouterr().out == f"设备\n{shown}\n缺少 1 项，服务不能正常工作\n"
    assert _run("doctor", "--json") == 1
    (shown,) = json.loads(capsys.readouterr().out)["checks"]
    assert (shown["reason"], shown["zh"]["reason"]) == ("denied", "不允许")


@pytest.mark.parametrize(
    ("environment", "language"),
    [
        ({"LANG": "zh_CN.UTF-8"}, "zh"),
        ({"LANG": "zh_CN.UTF-8", "LC_ALL": "C.UTF-8"}, "en"),
        ({"LC_ALL": "", "LC_MESSAGES": "zh_CN.UTF-8", "LANG": "de_DE.UTF-8"}, "zh"),
        ({}, "en"),
    ],
)
def test_the_terminals_language_is_spoken(environment: dict[str, str], language: str) -> None:
    assert doctor.terminal_language(environment) == language


def test_doctor_tells_of_a_button_that_may_not_be_read(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    rule = LocalizedText("规则", "a rule")
    denied = NodeAccess("/dev/input/event7", False, LocalizedText("无权", "no rule"), rule)
    monkeypatch.setattr(devices, "button_permissions", lambda _: (denied,))
    (check,) = (check for check in doctor.examine(None) if check.name == "/dev/input/event7")
    assert (check.ok, check.optional, check.remedy) == (False, True, rule)
    config = tmp_path / "gaopai.toml"
    config.write_text("[buttons]\nenabled = false\n")
    (check,) = (check for check in doctor.examine(config) if check.name == "buttons")
    assert check.ok


def test_doctor_tells_whether_text_can_be_read(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("models.locate.find", lambda model: None)
    (check,) = (check for check in doctor.examine(None) if check.name == "text")
    assert not check.ok and check.optional and "gaopai models fetch" in check.remedy.en


SENTENCE = re.compile(r"[a-z]{2,} [a-z]{2,} [a-z]{2,}")
"""Three English words; what programs said themselves lies between brackets."""
COMMAND = re.compile(r"(执行|：|；|然后|离线时|先|再) ?[\w /.'=:>&|~*\[\]-]+")


def english_in(check: Check) -> list[str]:
    """Return the English in a check that is said in Chinese: sentences, and names of several words."""
    reason = COMMAND.sub("", re.sub(r"（.*）", "", check.reason.zh))
    remedy = "" if check.remedy.zh == check.remedy.en else COMMAND.sub("", check.remedy.zh)
    several = [check.title("zh")] if re.fullmatch(r"[a-z]+ [a-z]+", check.title("zh")) else []
    return [*SENTENCE.findall(reason), *SENTENCE.findall(remedy), *several]


def test_no_sentence_is_english_in_chinese(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    token = tmp_path / "token"
    config = tmp_path / "gaopai.toml"
    token.write_text("short")
    token.chmod(0o600)
    config.write_text(
        f'[server]\nport = 1\ntls = true\nhost = "192.0.2.1"\ncertificate = "{tmp_path}/c"\n'
        f'key = "{tmp_path}/k"\n[access]\ntoken_file = "{token}"\n'
        f'[faces]\ninsightface_pack = "{tmp_path}"\naccept_noncommercial = true\n'
    )
    (tmp_path / "wrong.toml").write_text("[server]\nport = 0.5\n")
    monkeypatch.setattr("models.locate.find", lambda model: None)
    monkeypatch.setattr(libraries, "LIBRARIES", {"no_such_library": libraries.library("none")})
    for path in (None, config, tmp_path / "wrong.toml", tmp_path / "missing.toml"):
        found = {check.name: english for check in doctor.examine(path) if (english := english_in(check))}
        assert found == {}


def test_a_check_has_a_name_in_chinese() -> None:
    port = Check("port", True, LocalizedText("", ""))
    assert (port.title("zh"), port.title("en")) == ("端口", "port")
    assert port.as_json()["zh"] == {"name": "端口", "reason": "", "remedy": ""}
