"""``gaopai face``: comparison of faces, liveness detection, and calibration of camera pairs."""

from __future__ import annotations

import argparse
import time
from collections.abc import Sequence
from dataclasses import asdict, replace
from pathlib import Path

from imgcore.face import (
    Embedder,
    Face,
    FaceQualityIssue,
    LivenessNet,
    LivenessResult,
    LivenessVerdict,
    Net,
    detect,
    embed,
    quality_issue,
    still_liveness,
)
from imgcore.face import similarity as compare
from imgcore.face.liveness_settings import DEFAULTS
from imgcore.face.net import Floats
from imgcore.types import ImageError
from models.locate import ModelMissing
from server.cli import files
from server.cli.face import calibrate as face_calibrate
from server.services.faces.onnx_engine import load_detector, load_embedder, load_liveness_nets
from server.telemetry.printable import json_line, printable

SUMMARY = "Compare the faces of two pictures, tell living faces from prints and screens, or calibrate for it."
THRESHOLD = 0.7
"""Threshold that four to six in 10 000 pairs of different people reach."""


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Declare the command's arguments."""
    actions = parser.add_subparsers(dest="action", required=True, metavar="ACTION")
    comparing = actions.add_parser("compare", help="whether two pictures show one person")
    comparing.add_argument("pictures", nargs=2, type=Path, metavar="FILE", help="a picture of one face")
    judging = actions.add_parser(
        "live", help="whether the faces of each picture are alive, not printed or shown"
    )
    judging.add_argument(
        "pictures", nargs="+", type=Path, metavar="FILE", help="a picture, or a folder of them"
    )
    face_calibrate.add_arguments(actions.add_parser("calibrate", help=face_calibrate.SUMMARY))
    for action, least, what in (
        (comparing, THRESHOLD, "similarity of a match"),
        (judging, DEFAULTS.threshold, "score of a living face"),
    ):
        action.add_argument("--threshold", type=_share, default=least, help=f"{what} (default: %(default)s)")
        action.add_argument("--json", action="store_true", help="JSON, one object a line")


def _share(text: str) -> float:
    value = float(text)
    if not 0 <= value <= 1:
        raise argparse.ArgumentTypeError(f"from 0 to 1, not {text}")
    return value


def run(arguments: argparse.Namespace) -> int:
    """Run the command; return 1 if a picture or a model is missing."""
    try:
        detector = load_detector()
        if arguments.action == "calibrate":
            return face_calibrate.run(arguments, detector)
        if arguments.action == "compare":
            return _compare(arguments, detector, load_embedder())
        return _detect_liveness(arguments, detector, load_liveness_nets())
    except ModelMissing as missing:
        if arguments.action == "compare" and arguments.json:
            print(json_line(asdict(files.Comparison(None, False, str(missing), 0.0))))
        else:
            files.print_error(missing)
        return 1


def _compare(arguments: argparse.Namespace, detector: Net, embedder: Embedder) -> int:
    started = time.perf_counter()
    similarity, reason = compared(arguments.pictures, detector, embedder)
    match = similarity is not None and similarity >= arguments.threshold
    rounded = None if similarity is None else round(similarity, 6)
    answer = files.Comparison(rounded, match, reason, _since(started))
    return files.print_comparison(answer, arguments, "one person")


def compared(pictures: Sequence[Path], detector: Net, embedder: Embedder) -> tuple[float | None, str | None]:
    """Return the similarity of the largest faces of two files, and a reason if it is missing or doubtful."""
    vectors: list[Floats] = []
    doubts = []
    for path in pictures:
        try:
            image = files.read(path)
            faces = detect(image, detector)
        except (files.Unreadable, ImageError) as failure:
            return None, str(failure)
        found = quality_issue(image, faces)
        if found is not None:
            doubts.append(f"{path}: {found}")
        if found in (None, FaceQualityIssue.SEVERAL):
            vectors.append(embed(image, faces[0], embedder))
    reason = "; ".join(doubts) or None
    if len(vectors) < len(pictures):
        return None, reason
    return compare(vectors[0], vectors[1], embedder.calibration), reason


def _detect_liveness(arguments: argparse.Namespace, detector: Net, nets: Sequence[LivenessNet]) -> int:
    failed = False
    settings = replace(DEFAULTS, threshold=arguments.threshold)
    for path in files.expand(arguments.pictures):
        started = time.perf_counter()
        try:
            image = files.read(path)
            faces = detect(image, detector)
        except (files.Unreadable, ImageError) as failure:
            files.print_error(failure)
            failed = True
            continue
        answers = [still_liveness(image, face, nets, settings) for face in faces]
        _print(path, faces, answers, _since(started), arguments.json)
    return int(failed)


def _print(
    path: Path, faces: Sequence[Face], answers: Sequence[LivenessResult], ms: float, as_json: bool
) -> None:
    if as_json:
        found = [_plain(face, answer) for face, answer in zip(faces, answers, strict=True)]
        print(json_line({"file": str(path), "faces": found, "ms": ms}))
        return
    verdicts = [
        str(answer.verdict) + (f" ({answer.reason})" if answer.score is None else f" ({answer.score:.2f})")
        for answer in answers
    ]
    print(f"{printable(path)}: {', '.join(verdicts) or FaceQualityIssue.NO_FACE}, {ms} ms")


def _plain(face: Face, answer: LivenessResult) -> dict[str, object]:
    """Return a face for JSON: box as left, top, right, bottom; `live` is null if undecided."""
    left, top, width, height = face.box
    live = None if answer.verdict is LivenessVerdict.CANNOT_TELL else answer.verdict is LivenessVerdict.LIVE
    return {
        "box": [round(value, 1) for value in (left, top, left + width, top + height)],
        "score": None if answer.score is None else round(answer.score, 4),
        "live": live,
    }


def _since(started: float) -> float:
    return round((time.perf_counter() - started) * 1000, 1)
