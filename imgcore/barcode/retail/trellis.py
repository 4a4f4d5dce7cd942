"""Most likely digits of EAN and UPC symbols along a profile, by dynamic programming."""

from __future__ import annotations

import numpy as np

from imgcore.barcode.retail.symbol import Array, Indices, RetailLayout, RetailTemplate

_NEVER = 1e12
"""Cost of what no text can have, above any sum of squared errors."""


def likeliest(ink: Array, weight: Array, template: RetailTemplate) -> tuple[Array, Indices]:
    """Find the digits of each of several profiles, of any parities and check digit.

    Parameters
    ----------
    ink
        ``(profiles, n)``, share of ink.
    weight
        ``(n,)``, weight of each sample.

    Returns
    -------
    tuple of ndarray
        ``(profiles,)``, weighted sum of squared errors; ``(profiles, digits)``, rows of `LEFT`, then of
        `RIGHT`.
    """
    ground, single, pairs = _costs(ink, weight, template)
    cost = single[0]
    back = []
    for own, shared in zip(single[1:], pairs, strict=True):
        total = cost[:, None, :] + shared.T
        best = total.argmin(axis=2)
        cost = np.take_along_axis(total, best[..., None], axis=2)[..., 0] + own
        back.append(best)
    last = cost.argmin(axis=1)
    digits = [last]
    for best in reversed(back):
        last = best[np.arange(len(last)), last]
        digits.append(last)
    return ground + cost.min(axis=1), np.stack(digits[::-1], axis=1)


def second_valid(ink: Array, weight: Array, template: RetailTemplate, layout: RetailLayout) -> float:
    """Weighted sum of squared errors of the second best text that obeys parities and check digit."""
    ground, single, pairs = _costs(ink[None], weight, template)
    rows = np.pad(np.array(layout.parities), ((0, 0), (0, len(layout.right))))[:, :, None] + np.arange(10)
    count = rows.shape[1]
    # First digit, check sum, digit, and the best two ways to it.
    cost = np.full((len(rows), 10, 10, 2), _NEVER)
    first = np.arange(len(rows))
    value = np.arange(10)
    digit = np.arange(10)
    lead = first if layout.leads else 0 * first
    weights = [(1, 3)[(count - 1 - place) % 2] for place in range(count)]
    sums = (lead[:, None] + weights[0] * digit) % 10
    cost[first[:, None], sums, digit, 0] = single[0][0][rows[:, 0]]
    for place in range(1, count):
        shared = pairs[place - 1][rows[:, place - 1, :, None], rows[:, place, None, :]]
        total = cost[:, :, :, None] + shared[:, None, :, :, None]
        best = np.sort(total.transpose(0, 1, 3, 2, 4).reshape(len(rows), 10, 10, 20), axis=3)[..., :2]
        own = single[place][0][rows[:, place]]
        before = (value[:, None] - weights[place] * digit) % 10
        cost = best[:, before, digit] + own[:, None, :, None]
    return float(ground[0] + np.partition(cost[:, 0].ravel(), 1)[1])


def _costs(ink: Array, weight: Array, template: RetailTemplate) -> tuple[Array, list[Array], list[Array]]:
    """Cost without digits, ``(profiles,)``, of each, ``(profiles, kinds)``, and of neighbours."""
    rest = ink - template.guards
    weighted = rest * weight
    single = []
    pairs = []
    for start, kinds in template.digits:
        part = slice(start, start + kinds.shape[1])
        single.append(-2 * weighted[:, part] @ kinds.T + weight[part] @ (kinds * kinds).T)
    for (start, kinds), (after, others) in zip(template.digits, template.digits[1:], strict=False):
        shared = start + kinds.shape[1] - after
        if shared <= 0:
            pairs.append(np.zeros((len(kinds), len(others))))
            continue
        pairs.append(2 * (kinds[:, -shared:] * weight[after : after + shared]) @ others[:, :shared].T)
    return (weighted * rest).sum(axis=1), single, pairs
