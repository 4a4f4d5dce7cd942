# distutils: language = c
"""Projection profiles of ink points; ``profile`` says what they mean."""

import numpy as np

from libc.math cimport floor
from libc.string cimport memset


def profile_scores(const float[::1] x, const float[::1] y, const double[::1] slopes, int length):
    scores = np.empty(slopes.shape[0])
    profile = np.empty(max(length, 1), np.int32)
    cdef double[::1] out = scores
    cdef int[::1] bins = profile
    cdef Py_ssize_t k, i, count = min(x.shape[0], y.shape[0])
    with nogil:
        for k in range(slopes.shape[0]):
            memset(&bins[0], 0, bins.shape[0] * sizeof(int))
            for i in range(count):
                add(bins, length, floor(y[i] + slopes[k] * x[i]))
            out[k] = roughness(bins, length)
    return scores


cdef inline void add(int[::1] bins, int length, double at) noexcept nogil:
    if 0 <= at < length:
        bins[<int>at] += 1


cdef double roughness(const int[::1] bins, int length) noexcept nogil:
    cdef double total = 0, step
    cdef Py_ssize_t i
    for i in range(1, length):
        step = bins[i] - bins[i - 1]
        total += step * step
    return total
