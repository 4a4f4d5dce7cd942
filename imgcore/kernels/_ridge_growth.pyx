# distutils: language = c
"""Ridge patterns registered by region growing; ``ridge_growth`` documents the arguments."""

import numpy as np

from libc.math cimport floor, sqrtf as sqrt
from libc.string cimport memset

DEF NOTHING = -2.0
DEF PATCH = 16
DEF SIDE = PATCH + 4
DEF TRIES = 3


cdef struct Place:
    float correlation, x, y, xx, xy, yx, yy


def grow_ridges(
    const float[:, ::1] fixed, const float[:, ::1] moved, const float[:, ::1] seeds, int step, float agreed
):
    if seeds.shape[1] != 8:
        raise ValueError("a seed is two places and a matrix")
    if step < 1:
        raise ValueError("the step is at least 1")
    cdef Py_ssize_t high = fixed.shape[0] // step, wide = fixed.shape[1] // step, number
    found = np.zeros((high, wide, 7), np.float32)
    found[:, :, 0] = NOTHING
    tries = np.zeros((high, wide), np.uint8)
    cdef float[:, :, ::1] out = found
    cdef unsigned char[:, ::1] tried = tries
    with nogil:
        for number in range(seeds.shape[0]):
            seed_place(fixed, moved, out, seeds[number], step)
        while grow(fixed, moved, out, tried, step, agreed):
            pass
    return found


cdef void seed_place(
    const float[:, ::1] fixed, const float[:, ::1] moved, float[:, :, ::1] out, const float[::1] seed, int step
) noexcept nogil:
    """Match the place next to a seed."""
    cdef Py_ssize_t row = <Py_ssize_t>floor(seed[1] / step), col = <Py_ssize_t>floor(seed[0] / step)
    cdef float x = col * step + step // 2 - seed[0], y = row * step + step // 2 - seed[1]
    cdef Place place
    if not (0 <= row < out.shape[0] and 0 <= col < out.shape[1]):
        return
    place.xx, place.xy, place.yx, place.yy = seed[4], seed[5], seed[6], seed[7]
    place.x = seed[2] + place.xx * x + place.xy * y
    place.y = seed[3] + place.yx * x + place.yy * y
    match_patch(fixed, moved, &place, row * step + step // 2, col * step + step // 2, 2)
    if place.correlation > out[row, col, 0]:
        put(out, row, col, &place)


cdef inline void put(float[:, :, ::1] out, Py_ssize_t row, Py_ssize_t col, const Place* place) noexcept nogil:
    out[row, col, 0], out[row, col, 1], out[row, col, 2] = place.correlation, place.x, place.y
    out[row, col, 3], out[row, col, 4] = place.xx, place.xy
    out[row, col, 5], out[row, col, 6] = place.yx, place.yy


cdef bint grow(
    const float[:, ::1] fixed, const float[:, ::1] moved, float[:, :, ::1] out, unsigned char[:, ::1] tried,
    int step, float agreed,
) noexcept nogil:
    """Grow from the best place not yet grown from, and mark it; False if there is none."""
    cdef Py_ssize_t row, col, best_row = -1, best_col = -1, i, j
    cdef float best = agreed
    cdef Place place
    for row in range(out.shape[0]):
        for col in range(out.shape[1]):
            if tried[row, col] < 255 and out[row, col, 0] >= best:
                best, best_row, best_col = out[row, col, 0], row, col
    if best_row < 0:
        return False
    tried[best_row, best_col] = 255
    for i in range(max(best_row - 1, 0), min(best_row + 2, out.shape[0])):
        for j in range(max(best_col - 1, 0), min(best_col + 2, out.shape[1])):
            if tried[i, j] < TRIES and out[i, j, 0] < agreed:
                tried[i, j] += 1
                expect(out, tried, i, j, best_row, best_col, step, &place)
                match_patch(fixed, moved, &place, i * step + step // 2, j * step + step // 2, 1)
                if place.correlation > out[i, j, 0]:
                    put(out, i, j, &place)
    return True


cdef void expect(
    const float[:, :, ::1] out, const unsigned char[:, ::1] tried, Py_ssize_t row, Py_ssize_t col,
    Py_ssize_t from_row, Py_ssize_t from_col, int step, Place* place,
) noexcept nogil:
    """Predict a place by a plane through its matched neighbours, regularised to the matrix grown from."""
    cdef Py_ssize_t i, j
    cdef float n = 0, u = 0, v = 0, uu = 0, uv = 0, vv = 0, w, a, b, hold = 2.0 * step * step
    cdef float px = 0, py = 0, pux = 0, puy = 0, pvx = 0, pvy = 0, det
    cdef float xx = out[from_row, from_col, 3], xy = out[from_row, from_col, 4]
    cdef float yx = out[from_row, from_col, 5], yy = out[from_row, from_col, 6]
    for i in range(max(row - 2, 0), min(row + 3, out.shape[0])):
        for j in range(max(col - 2, 0), min(col + 3, out.shape[1])):
            if tried[i, j] == 255:
                a, b = <float>((j - col) * step), <float>((i - row) * step)
                w = out[i, j, 0] / <float>((j - col) * (j - col) + (i - row) * (i - row) + 1)
                n += w
                u += w * a
                v += w * b
                uu += w * a * a
                uv += w * a * b
                vv += w * b * b
                px += w * (out[i, j, 1] - xx * a - xy * b)
                py += w * (out[i, j, 2] - yx * a - yy * b)
                pux += w * a * (out[i, j, 1] - xx * a - xy * b)
                puy += w * a * (out[i, j, 2] - yx * a - yy * b)
                pvx += w * b * (out[i, j, 1] - xx * a - xy * b)
                pvy += w * b * (out[i, j, 2] - yx * a - yy * b)
    # The residual of that matrix, about the middle of the neighbours.
    uu += hold - u * u / n
    vv += hold - v * v / n
    uv -= u * v / n
    pux -= u * px / n
    puy -= u * py / n
    pvx -= v * px / n
    pvy -= v * py / n
    det = uu * vv - uv * uv
    place.xx = (vv * pux - uv * pvx) / det
    place.xy = (uu * pvx - uv * pux) / det
    place.yx = (vv * puy - uv * pvy) / det
    place.yy = (uu * pvy - uv * puy) / det
    place.x = (px - u * place.xx - v * place.xy) / n
    place.y = (py - u * place.yx - v * place.yy) / n
    place.xx += xx
    place.xy += xy
    place.yx += yx
    place.yy += yy


cdef void match_patch(
    const float[:, ::1] fixed, const float[:, ::1] moved, Place* place, Py_ssize_t row, Py_ssize_t col, int reach
) noexcept nogil:
    """Match a patch within `reach` of its prediction, to a part of a pixel."""
    cdef float here[3][PATCH * PATCH]
    cdef float there[3][SIDE * SIDE]
    cdef float values[5][5]
    cdef int side = PATCH + 2 * reach, i, j, best_i = 0, best_j = 0
    cdef float best = NOTHING, x, y, gain = 0
    for i in range(PATCH):
        for j in range(PATCH):
            keep(here, i * PATCH + j, pixel(fixed, row + i - PATCH // 2, col + j - PATCH // 2))
    for i in range(side):
        for j in range(side):
            x = place.x + place.xx * (j - PATCH // 2 - reach) + place.xy * (i - PATCH // 2 - reach)
            y = place.y + place.yx * (j - PATCH // 2 - reach) + place.yy * (i - PATCH // 2 - reach)
            keep3(there, i * SIDE + j, sample(moved, x, y))
    for i in range(2 * reach + 1):
        for j in range(2 * reach + 1):
            values[i][j] = correlation(here, there, i * SIDE + j)
            if values[i][j] > best:
                best, best_i, best_j = values[i][j], i, j
    place.correlation = best
    if best == NOTHING:
        return
    x, y = best_j - reach, best_i - reach
    if 0 < best_j < 2 * reach:
        x += parabola_peak(values[best_i][best_j - 1], best, values[best_i][best_j + 1], &gain)
    if 0 < best_i < 2 * reach:
        y += parabola_peak(values[best_i - 1][best_j], best, values[best_i + 1][best_j], &gain)
    place.correlation = min(best + gain, 1.0)
    place.x += place.xx * x + place.xy * y
    place.y += place.yx * x + place.yy * y


cdef inline void keep(float[3][PATCH * PATCH] patch, int at, float value) noexcept nogil:
    """Store a value, its square, and 1 if it is known."""
    patch[0][at], patch[1][at], patch[2][at] = value, value * value, <float>(value != 0)


cdef inline void keep3(float[3][SIDE * SIDE] patch, int at, float value) noexcept nogil:
    patch[0][at], patch[1][at], patch[2][at] = value, value * value, <float>(value != 0)


cdef inline float pixel(const float[:, ::1] picture, Py_ssize_t row, Py_ssize_t col) noexcept nogil:
    if row < 0 or col < 0 or row >= picture.shape[0] or col >= picture.shape[1]:
        return 0
    return picture[row, col]


cdef inline float sample(const float[:, ::1] picture, float x, float y) noexcept nogil:
    """Interpolate between four pixels; 0 where one of them is outside or unknown."""
    cdef Py_ssize_t col, row
    cdef float a, b, c, d
    # Nothing is negative below, so that the cast is the floor, which is a call on older processors.
    if not (0 <= x < picture.shape[1] - 1 and 0 <= y < picture.shape[0] - 1):
        return 0
    col, row = <Py_ssize_t>x, <Py_ssize_t>y
    a, b, c, d = picture[row, col], picture[row, col + 1], picture[row + 1, col], picture[row + 1, col + 1]
    if a == 0 or b == 0 or c == 0 or d == 0:
        return 0
    x -= col
    y -= row
    return (a * (1 - x) + b * x) * (1 - y) + (c * (1 - x) + d * x) * y


cdef inline float parabola_peak(float before, float here, float after, float* gain) noexcept nogil:
    """Offset of the peak of the parabola through three values; `gain` is raised by its height."""
    cdef float bend = before - 2 * here + after, at
    if before < -1.5 or after < -1.5 or bend >= -1e-6:
        return 0
    at = min(max(0.5 * (before - after) / bend, -0.5), 0.5)
    gain[0] += -0.5 * bend * at * at
    return at


cdef float correlation(float[3][PATCH * PATCH] here, float[3][SIDE * SIDE] there, int start) noexcept nogil:
    """Correlation of two patches over the pixels known in both; NOTHING where half are unknown."""
    # Sums by column keep their order, so that the compiler may add several columns at once.
    cdef float both[PATCH]
    cdef float one[PATCH]
    cdef float other[PATCH]
    cdef float full[PATCH]
    cdef int i, j
    cdef const float* a
    cdef const float* b
    memset(both, 0, sizeof(both))
    memset(one, 0, sizeof(one))
    memset(other, 0, sizeof(other))
    memset(full, 0, sizeof(full))
    for i in range(PATCH):
        for j in range(PATCH):
            both[j] += here[0][i * PATCH + j] * there[0][start + i * SIDE + j]
            one[j] += here[1][i * PATCH + j] * there[2][start + i * SIDE + j]
            other[j] += here[2][i * PATCH + j] * there[1][start + i * SIDE + j]
            full[j] += here[2][i * PATCH + j] * there[2][start + i * SIDE + j]
    for j in range(1, PATCH):
        both[0] += both[j]
        one[0] += one[j]
        other[0] += other[j]
        full[0] += full[j]
    if 2 * full[0] < PATCH * PATCH:
        return NOTHING
    return both[0] / sqrt(one[0] * other[0] + 1e-6)
