# distutils: language = c
"""Projection profiles of ink points; ``projection_profile`` documents the arguments."""

import numpy as np

from libc.string cimport memset


def projection_scores(
    const float[::1] x, const float[::1] y, const int[::1] weight, const double[::1] slopes, int length, int window
):
    scores = np.empty(slopes.shape[0])
    profile = np.empty(max(length, 1), np.int64)
    cdef double[::1] out = scores
    cdef long long[::1] bins = profile
    cdef Py_ssize_t k, i, count = min(x.shape[0], y.shape[0], weight.shape[0])
    with nogil:
        for k in range(slopes.shape[0]):
            memset(&bins[0], 0, bins.shape[0] * sizeof(long long))
            for i in range(count):
                add(bins, length, y[i] + slopes[k] * x[i], weight[i])
            out[k] = roughness(bins, length, window)
    return scores


cdef inline void add(long long[::1] bins, int length, double at, int weight) noexcept nogil:
    # From 0 on, the conversion rounds down, as floor would in a call.
    if 0 <= at < length:
        bins[<int>at] += weight


cdef double roughness(long long[::1] bins, int length, int window) noexcept nogil:
    cdef double total = 0
    cdef long long step
    cdef Py_ssize_t i
    box(bins, length, window)
    box(bins, length - window + 1, window)
    for i in range(length - 3 * window + 2):
        step = bins[i + window] - bins[i]
        total += <double>step * <double>step
    return total


cdef void box(long long[::1] bins, Py_ssize_t length, int window) noexcept nogil:
    """Sum `window` bins from each on, in place; the last ones are not changed."""
    cdef long long running = 0, first
    cdef Py_ssize_t i
    for i in range(min(window - 1, length)):
        running += bins[i]
    for i in range(length - window + 1):
        running += bins[i + window - 1]
        first = bins[i]
        bins[i] = running
        running -= first
