"""The whole comparison: error rates by set, calibration of the scale, and milliseconds."""

from __future__ import annotations

import argparse
import sys
import time
from collections.abc import Iterator, Sequence

import numpy as np

from benchmarks import report
from benchmarks.fingerprint import nbis, sets
from benchmarks.fingerprint.model import fit
from benchmarks.fingerprint.pairs import SetComparisons, neg_log_fmrs
from benchmarks.fingerprint.rates import Scores, equal_error_rate, false_non_match_rate
from imgcore.fingerprint.extract import extract
from imgcore.fingerprint.similarity import MINUTIAE, RIDGES, Scale

QUICK_FINGERS = 3
ENROLLED = (1, 2, 3)
ONE_IN_10000 = 4.0
SIMILARITIES = (0.5, 0.6, 0.7, 0.8, 0.85, 0.9, 0.95, 0.98)
HEAD = ("method, set", "EER", "EER, 45 pairs", "missed at 0.1 %", "found at 0.9", "false at 0.9", "ms a pair")
TEXT = """
{machine}

Two sets of the contests FVC2002 and FVC2004, ten fingers each, eight prints a finger, 500 dpi: the first dry
and wet, the second with skin that was pushed and stretched on purpose. One print against one print: 280 pairs
of one finger; of different fingers all 2880, or only the 45 of first prints as in the contests. "Missed" is
the share of pairs of one finger that are rejected where one in 1000 of different fingers is accepted. "At
0.9", the default threshold, is what the scale promises: one false match in 10 000. It is counted over the
2880 pairs and 6400 more with mirrored prints, which are different fingers too.

The weights and the curve of the scale as shipped were fitted on both sets, so the first line of a set
flatters; "held out" is the same fitted on the other set only. "Minutiae only" compares templates that came
without the course of their ridges, as other programs write them.

{rates}

The scale, as fitted on one set and used on the other: what a similarity promises, what share of different
fingers reached it, mirrored ones included, and what share of pairs of one finger stayed below.

{scale}

Three prints of a finger enrolled, the other five against them; different fingers are all other prints.

{enrolled}

Milliseconds of processor time of one thread, means over all prints.

{pace}
"""


def main(arguments: Sequence[str]) -> int:
    """Measure, print, and write the section."""
    parser = argparse.ArgumentParser(prog="fingerprint", description=__doc__)
    parser.add_argument("--quick", action="store_true", help="three fingers a set, and nothing is written")
    options = parser.parse_args(arguments)
    if not sets.available():
        print("fingerprint: it takes prints, whose folder GAOPAI_SHARED names", file=sys.stderr)
        return 1
    fingers = QUICK_FINGERS if options.quick else 99
    whole = {name: SetComparisons(folder, fingers=fingers) for name, folder in sets.SETS.items()}
    bare = {name: SetComparisons(folder, True, fingers) for name, folder in sets.SETS.items()}
    peers = {name: nbis.Nbis(found.prints) for name, found in whole.items()} if nbis.available() else {}
    body = TEXT.format(
        machine=report.machine(("numpy", "opencv-contrib-python", *(["nbis-python"] if peers else []))),
        rates=report.table(HEAD, list(_rates(whole, bare, peers))),
        scale=report.table(("similarity", "promised", "false", *_missed_heads(whole)), list(_scale(whole))),
        enrolled=report.table(
            ("set", "EER", "found at 0.9", "false at 0.9"), [_enrolled(*each) for each in whole.items()]
        ),
        pace=report.table(("method", "extraction", "comparison"), list(_pace(whole, peers))),
    )
    report.publish("fingerprint", "Fingerprints", body, options.quick)
    return 0


def _rates(
    whole: dict[str, SetComparisons], bare: dict[str, SetComparisons], peers: dict[str, nbis.Nbis]
) -> Iterator[list[str]]:
    for name, pairs in whole.items():
        yield _line(f"gaopai, {name}", RIDGES, pairs)
        yield _line(f"gaopai held out, {name}", _without(whole, name), pairs)
        yield _line(f"gaopai minutiae only, {name}", MINUTIAE, bare[name])
        yield _line(f"gaopai minutiae only held out, {name}", _without(bare, name), bare[name])
        if name in peers:
            yield _peer_line(f"NBIS, {name}", peers[name], pairs.first)


def _without(found: dict[str, SetComparisons], name: str) -> Scale:
    """A scale fitted on all sets but one."""
    rest = [pairs for other, pairs in found.items() if other != name]
    return fit(np.vstack([pairs.same for pairs in rest]), np.vstack([pairs.others for pairs in rest]))


def _line(name: str, scale: Scale, pairs: SetComparisons) -> list[str]:
    same = neg_log_fmrs(scale, pairs.same)
    different = neg_log_fmrs(scale, pairs.different)
    others = np.concatenate([different, neg_log_fmrs(scale, pairs.reflected)])
    false = int((others >= ONE_IN_10000).sum())
    return [
        *_errors(name, same, different, pairs.first),
        f"{np.mean(same >= ONE_IN_10000):.1%}",
        f"{false} of {len(others)}",
        f"{pairs.match_ms:.1f}",
    ]


def _peer_line(name: str, peer: nbis.Nbis, first: Scores) -> list[str]:
    return [*_errors(name, peer.same, peer.different, first), "-", "-", f"{peer.match_ms:.1f}"]


def _missed_heads(whole: dict[str, SetComparisons]) -> list[str]:
    return [f"missed, {name}" for name in whole]


def _scale(whole: dict[str, SetComparisons]) -> Iterator[list[str]]:
    """Rates of false matches and non-matches at each similarity, on prints held out from the fit."""
    scales = {name: _without(whole, name) for name in whole}
    same = [neg_log_fmrs(scales[name], pairs.same) for name, pairs in whole.items()]
    others = np.concatenate([neg_log_fmrs(scales[name], pairs.others) for name, pairs in whole.items()])
    for value in SIMILARITIES:
        rarity = -4 * np.log10(1 - value)
        missed_ones = [f"{np.mean(scores < rarity):.1%}" for scores in same]
        false = int((others >= rarity).sum())
        yield [f"{value:g}", f"{10**-rarity:.4%}", f"{false / len(others):.3%} ({false})", *missed_ones]


def _errors(name: str, same: Scores, different: Scores, first: Scores) -> list[str]:
    rates = (
        equal_error_rate(same, different),
        equal_error_rate(same, different[first]),
        false_non_match_rate(same, different, 1e-3),
    )
    return [name, *(f"{rate:.2%}" for rate in rates)]


def _enrolled(name: str, pairs: SetComparisons) -> list[str]:
    """Rates with several prints enrolled: the best match counts, as in `imgcore.fingerprint.similarity`."""
    fingers = np.array([one.finger for one in pairs.prints])
    numbers = np.array([one.number for one in pairs.prints])
    table = _all_with_all(pairs)
    same = []
    different = []
    for finger in np.unique(fingers):
        views = (fingers == finger) & np.isin(numbers, ENROLLED)
        fused = np.maximum(table[:, views].max(1) - np.log10(len(ENROLLED)), 0)
        same.append(fused[(fingers == finger) & ~views])
        different.append(fused[fingers != finger])
    found = np.concatenate(same)
    false = np.concatenate(different)
    accepted = int((false >= ONE_IN_10000).sum())
    return [
        name,
        f"{equal_error_rate(found, false):.2%}",
        f"{np.mean(found >= ONE_IN_10000):.1%}",
        f"{accepted} of {len(false)}",
    ]


def _all_with_all(pairs: SetComparisons) -> Scores:
    """Return the negative log false match rate of every two prints, from the comparisons already made."""
    table = np.zeros((len(pairs.prints), len(pairs.prints)))
    compared = [*sets.genuine(pairs.prints), *sets.impostors(pairs.prints, first=False)]
    for (i, j), rare in zip(
        compared, neg_log_fmrs(RIDGES, np.vstack([pairs.same, pairs.different])), strict=True
    ):
        table[i, j] = table[j, i] = rare
    return table


def _pace(whole: dict[str, SetComparisons], peers: dict[str, nbis.Nbis]) -> Iterator[list[str]]:
    for name, pairs in whole.items():
        started = time.process_time()
        for one in pairs.prints:
            extract(one.image)
        spent = 1000 * (time.process_time() - started) / len(pairs.prints)
        yield [f"gaopai, {name}", f"{spent:.0f}", f"{pairs.match_ms:.1f}"]
        if name in peers:
            yield [f"NBIS, {name}", f"{peers[name].extract_ms:.0f}", f"{peers[name].match_ms:.1f}"]


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
