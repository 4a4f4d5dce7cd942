"""Hough transform of straight lines; ``hough`` documents the arguments."""

import numpy as np

from libc.math cimport M_PI, atan2, fabsf, floor as floor_of


def hough_votes(
    const float[:, ::1] strength,
    const float[:, ::1] gradient_x,
    const float[:, ::1] gradient_y,
    float floor,
    int spread,
):
    cdef Py_ssize_t rows = strength.shape[0], cols = strength.shape[1], y, x
    if gradient_x.shape[0] != rows or gradient_x.shape[1] != cols:
        raise ValueError("strength and gradient differ in shape")
    if gradient_y.shape[0] != rows or gradient_y.shape[1] != cols:
        raise ValueError("strength and gradient differ in shape")
    if not 0 <= spread <= 60:
        raise ValueError("spread is not within 0..60")
    cdef int reach = int(np.ceil(np.hypot(rows, cols) / 2)) + 1
    angles = np.radians(np.arange(180))
    cdef const double[::1] cosines = np.cos(angles), sines = np.sin(angles)
    votes = np.zeros((180, 2 * reach + 1), np.float32)
    cdef float[:, ::1] out = votes
    with nogil:
        for y in range(1, rows - 1):
            for x in range(1, cols - 1):
                if strength[y, x] > floor and is_edge_maximum(strength, y, x, gradient_x[y, x], gradient_y[y, x]):
                    vote(
                        out, cosines, sines, x - (cols - 1) / 2.0, y - (rows - 1) / 2.0, reach,
                        atan2(gradient_y[y, x], gradient_x[y, x]) * 180 / M_PI, strength[y, x], spread,
                    )
    return votes


cdef inline bint is_edge_maximum(
    const float[:, ::1] strength, Py_ssize_t y, Py_ssize_t x, float gx, float gy
) noexcept nogil:
    cdef int dx, dy
    if fabsf(gy) < <float>0.41421356 * fabsf(gx):
        dx, dy = 1, 0
    elif fabsf(gx) < <float>0.41421356 * fabsf(gy):
        dx, dy = 0, 1
    else:
        dx, dy = (1 if (gx < 0) == (gy < 0) else -1), 1
    return strength[y, x] >= strength[y + dy, x + dx] and strength[y, x] > strength[y - dy, x - dx]


cdef inline void vote(
    float[:, ::1] out, const double[::1] cosines, const double[::1] sines,
    double across, double down, int reach, double angle, float weight, int spread
) noexcept nogil:
    cdef int shift, number, nearest = <int>floor_of(angle + 0.5)
    cdef double off
    for shift in range(-spread, spread + 1):
        off = (nearest + shift - angle) / (spread + 1)
        if off * off >= 1:
            continue
        # The angle is within -180..180 and the spread within 60: one turn makes it positive.
        number = (nearest + shift + 360) % 180
        out[number, <int>floor_of(across * cosines[number] + down * sines[number] + reach + 0.5)] += (
            weight * <float>(1 - off * off)
        )
