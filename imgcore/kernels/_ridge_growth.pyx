# distutils: language = c
"""Two ridge patterns followed from where they agree; ``ridge_growth`` says what is computed."""

import numpy as np

from libc.math cimport floor, sqrt

DEF NOTHING = -2.0


def ridge_growth(
    const float[:, ::1] fixed, const float[:, ::1] moved, const float[:, ::1] seeds,
    int step, int radius, int reach, float agreed,
):
    cdef Py_ssize_t high = fixed.shape[0] // step, wide = fixed.shape[1] // step
    found = np.zeros((3, high, wide), np.float32)
    found[0] = NOTHING
    done = np.zeros((high, wide), np.uint8)
    cdef float[:, :, ::1] out = found
    cdef unsigned char[:, ::1] closed = done
    cdef Py_ssize_t number, row, col
    if fixed.shape[0] != moved.shape[0] or fixed.shape[1] != moved.shape[1]:
        raise ValueError("the patterns are to be of one size")
    if seeds.shape[1] != 4:
        raise ValueError("a seed is a place and a shift")
    with nogil:
        for number in range(seeds.shape[0]):
            row, col = <Py_ssize_t>(seeds[number, 1] / step), <Py_ssize_t>(seeds[number, 0] / step)
            if 0 <= row < high and 0 <= col < wide and out[0, row, col] == NOTHING:
                look(fixed, moved, out, row, col, seeds[number, 2], seeds[number, 3], step, radius, reach)
        while grow(fixed, moved, out, closed, step, radius, agreed):
            pass
    return found


cdef bint grow(
    const float[:, ::1] fixed, const float[:, ::1] moved, float[:, :, ::1] out, unsigned char[:, ::1] closed,
    int step, int radius, float agreed,
) noexcept nogil:
    """Go on from the best place that was not gone on from."""
    cdef Py_ssize_t row, col, best_row = -1, best_col = -1, i, j
    cdef float best = agreed
    for row in range(closed.shape[0]):
        for col in range(closed.shape[1]):
            if not closed[row, col] and out[0, row, col] >= best:
                best, best_row, best_col = out[0, row, col], row, col
    if best_row < 0:
        return False
    closed[best_row, best_col] = 1
    for i in range(best_row - 1, best_row + 2):
        for j in range(best_col - 1, best_col + 2):
            if 0 <= i < closed.shape[0] and 0 <= j < closed.shape[1] and not closed[i, j]:
                extend(fixed, moved, out, closed, i, j, step, radius)
    return True


cdef void extend(
    const float[:, ::1] fixed, const float[:, ::1] moved, float[:, :, ::1] out, const unsigned char[:, ::1] closed,
    Py_ssize_t row, Py_ssize_t col, int step, int radius,
) noexcept nogil:
    """Look where the neighbours that agree say the place has gone."""
    cdef Py_ssize_t i, j
    cdef float x = 0, y = 0, weight = 0
    for i in range(max(row - 1, 0), min(row + 2, closed.shape[0])):
        for j in range(max(col - 1, 0), min(col + 2, closed.shape[1])):
            if closed[i, j]:
                x += out[1, i, j] * out[0, i, j]
                y += out[2, i, j] * out[0, i, j]
                weight += out[0, i, j]
    if weight > 0:
        look(fixed, moved, out, row, col, x / weight, y / weight, step, radius, 1)


cdef void look(
    const float[:, ::1] fixed, const float[:, ::1] moved, float[:, :, ::1] out,
    Py_ssize_t row, Py_ssize_t col, float x, float y, int step, int radius, int reach,
) noexcept nogil:
    """The best shift within `reach` of the one expected, to a part of a pixel."""
    cdef Py_ssize_t top = row * step + step // 2, left = col * step + step // 2
    cdef int base_x = <int>floor(x + 0.5), base_y = <int>floor(y + 0.5), best_x = 0, best_y = 0, i, j
    cdef float best = NOTHING, value, gain
    for i in range(base_y - reach, base_y + reach + 1):
        for j in range(base_x - reach, base_x + reach + 1):
            value = likeness(fixed, moved, top, left, i, j, radius)
            if value > best:
                best, best_x, best_y = value, j, i
    if best <= out[0, row, col] or best == NOTHING:
        return
    gain = 0
    out[1, row, col] = best_x + summit(
        likeness(fixed, moved, top, left, best_y, best_x - 1, radius), best,
        likeness(fixed, moved, top, left, best_y, best_x + 1, radius), &gain)
    out[2, row, col] = best_y + summit(
        likeness(fixed, moved, top, left, best_y - 1, best_x, radius), best,
        likeness(fixed, moved, top, left, best_y + 1, best_x, radius), &gain)
    out[0, row, col] = min(best + gain, 1.0)


cdef inline float summit(float before, float here, float after, float* gain) noexcept nogil:
    """Where the parabola through three values is highest, and by how much."""
    cdef float bend = before - 2 * here + after, at
    if before < -1.5 or after < -1.5 or bend >= -1e-6:
        return 0
    at = min(max(0.5 * (before - after) / bend, -0.5), 0.5)
    gain[0] += -0.5 * bend * at * at
    return at


cdef float likeness(
    const float[:, ::1] fixed, const float[:, ::1] moved, Py_ssize_t row, Py_ssize_t col, int down, int right, int radius
) noexcept nogil:
    """The correlation of two squares; NOTHING where one is mostly empty."""
    cdef Py_ssize_t i, j, top = max(max(row - radius, 0), row - radius - (row + down - radius)), bottom, left, end
    cdef float both = 0, one = 0, other = 0, a, b
    cdef int full_one = 0, full_other = 0, area = (2 * radius + 1) * (2 * radius + 1)
    top = max(max(row - radius, 0), -down)
    bottom = min(min(row + radius + 1, fixed.shape[0]), moved.shape[0] - down)
    left = max(max(col - radius, 0), -right)
    end = min(min(col + radius + 1, fixed.shape[1]), moved.shape[1] - right)
    for i in range(top, bottom):
        for j in range(left, end):
            a, b = fixed[i, j], moved[i + down, j + right]
            if a != 0 and b != 0:
                both += a * b
                one += a * a
                other += b * b
                full_one += 1
    if 2 * full_one < area:
        return NOTHING
    return both / sqrt(one * other + 1e-6)
