"""Quadrilaterals whose sides lie on edges; ``edge_quads`` documents the arguments."""

import numpy as np

from libc.math cimport ceil, fabs, floor
from libc.stdlib cimport free, realloc

cdef double PARALLEL = 0.8829, CROSSING = 0.5736, INNER = 0.12


cdef struct QuadList:
    double* rows
    Py_ssize_t count, room


def edge_quads(
    const double[:, ::1] lines, const double[:, ::1] totals, const double[::1] limits
):
    if lines.shape[1] != 5 or totals.shape[0] != lines.shape[0] or limits.shape[0] != 6 or not limits[0] > 0:
        raise ValueError("a line is five numbers, with totals for each, and six limits, the step positive")
    cdef Py_ssize_t count = lines.shape[0], i
    sizes_array = np.maximum(np.floor((np.asarray(lines[:, 4]) - np.asarray(lines[:, 3])) / limits[0]), 0)
    if count and (totals.shape[1] < 1 or sizes_array.max() > totals.shape[1] - 1):
        raise ValueError("the totals are shorter than the longest line")
    cdef const double[::1] sizes = sizes_array
    cdef double[::1] reached = np.zeros(count)
    cdef double[:, ::1] places = np.full((count, count), np.nan)
    cdef unsigned char[:, :, ::1] parts = np.zeros((count, count, count), np.uint8)
    cdef unsigned char[:, ::1] alike = np.zeros((count, count), np.uint8)
    cdef unsigned char strong = <unsigned char>min(255.0, ceil(255 * limits[1]))
    cdef unsigned char faint = <unsigned char>min(255.0, max(1.0, ceil(255 * limits[2])))
    cdef QuadList found
    cdef Py_ssize_t most = <Py_ssize_t>limits[5]
    found.rows, found.count, found.room = NULL, 0, 0
    cdef bint enough = True
    try:
        with nogil:
            for i in range(count):
                cross(lines, i, limits[4], places, alike)
            for i in range(count):
                measure(lines[i], totals[i], sizes[i], limits, i, places, alike, reached, parts)
            for i in range(count):
                if enough and found.count < most:
                    enough = combine(lines, places, parts, i, strong, faint, most, &found)
        if not enough:
            raise MemoryError("no memory for the quadrilaterals")
        table = np.empty((found.count, 8))
        if found.count:
            table[:] = <double[:found.count, :8]>found.rows
    finally:
        free(found.rows)
    return table[:, :4].astype(np.int64), table[:, 4:] / 255


cdef inline void cross(
    const double[:, ::1] lines, Py_ssize_t i, double outside, double[:, ::1] places, unsigned char[:, ::1] alike
) noexcept nogil:
    cdef Py_ssize_t a
    cdef double dot, at
    for a in range(lines.shape[0]):
        dot = lines[i, 0] * lines[a, 0] + lines[i, 1] * lines[a, 1]
        alike[i, a] = fabs(dot) >= PARALLEL
        if fabs(dot) <= CROSSING:
            at = (lines[a, 2] - lines[i, 2] * dot) / (lines[i, 0] * lines[a, 1] - lines[i, 1] * lines[a, 0])
            if lines[i, 3] - outside <= at and at <= lines[i, 4] + outside:
                places[i, a] = at


cdef inline void measure(
    const double[::1] line, const double[::1] totals, double size, const double[::1] limits, Py_ssize_t i,
    const double[:, ::1] places, const unsigned char[:, ::1] alike, double[::1] reached,
    unsigned char[:, :, ::1] parts
) noexcept nogil:
    cdef Py_ssize_t a, b, count = places.shape[0]
    cdef double length, mean
    for a in range(count):
        if places[i, a] == places[i, a]:
            reached[a] = totals[sample(places[i, a] - line[3], limits[0], size)]
    for a in range(count):
        if places[i, a] != places[i, a]:
            continue
        for b in range(a + 1, count):
            length = fabs(places[i, a] - places[i, b])
            # False for NaN, where they do not cross.
            if alike[a, b] and length >= limits[3]:
                mean = fabs(reached[b] - reached[a]) / max(1.0, length / limits[0])
                parts[i, a, b] = <unsigned char>min(max(255 * mean, 1.0), 255.0)


cdef inline Py_ssize_t sample(double along, double step, double size) noexcept nogil:
    return <Py_ssize_t>min(max(floor(along / step + 0.5), 0.0), size)


cdef bint combine(
    const double[:, ::1] lines, const double[:, ::1] places, const unsigned char[:, :, ::1] parts,
    Py_ssize_t i, unsigned char strong, unsigned char faint, Py_ssize_t most, QuadList* found
) noexcept nogil:
    cdef Py_ssize_t a, b, j, count = parts.shape[0]
    cdef unsigned char one, two, three, four
    for a in range(i + 1, count):
        for b in range(a + 1, count):
            one = parts[i, a, b]
            if one < faint:
                continue
            for j in range(i + 1, count):
                two = parts[a, i, j]
                if two < faint or (one < strong and two < strong):
                    continue
                three, four = parts[j, a, b], parts[b, i, j]
                if three < faint or four < faint:
                    continue
                if (one < strong) + (two < strong) + (three < strong) + (four < strong) > 1:
                    continue
                if not same_direction(lines, places, i, j, a, b) or not same_direction(lines, places, a, b, i, j):
                    continue
                if not append(parts, i, j, a, b, found):
                    return False
                if found.count == most:
                    return True
    return True


cdef inline bint same_direction(
    const double[:, ::1] lines, const double[:, ::1] places, Py_ssize_t i, Py_ssize_t j, Py_ssize_t a, Py_ssize_t b
) noexcept nogil:
    """Return whether sides `i` and `j` run the same way from `a` to `b`: otherwise they cross in between."""
    cdef bint same = lines[i, 0] * lines[j, 0] + lines[i, 1] * lines[j, 1] > 0
    return same == ((places[i, b] - places[i, a]) * (places[j, b] - places[j, a]) > 0)


cdef bint append(
    const unsigned char[:, :, ::1] parts, Py_ssize_t i, Py_ssize_t j, Py_ssize_t a, Py_ssize_t b, QuadList* found
) noexcept nogil:
    cdef double* row
    if found.count == found.room:
        found.room = max(2 * found.room, 1024)
        row = <double*>realloc(found.rows, found.room * 8 * sizeof(double))
        if row == NULL:
            return False
        found.rows = row
    row = found.rows + 8 * found.count
    row[0], row[1], row[2], row[3] = i, a, j, b
    row[4], row[5], row[6], row[7] = parts[i, a, b], parts[a, i, j], parts[j, a, b], parts[b, i, j]
    found.count += 1
    return True


def dividing_support(
    const double[:, :, ::1] corners, const double[:, ::1] lines, const double[:, ::1] totals, double step
):
    if corners.shape[1] != 4 or corners.shape[2] != 2 or not step > 0:
        raise ValueError("a quadrilateral is four points, and the step positive")
    if lines.shape[1] != 5 or totals.shape[0] != lines.shape[0]:
        raise ValueError("a line is five numbers, with totals for each")
    sizes_array = np.maximum(np.floor((np.asarray(lines[:, 4]) - np.asarray(lines[:, 3])) / step), 0)
    if lines.shape[0] and sizes_array.max() > totals.shape[1] - 1:
        raise ValueError("the totals are shorter than the longest line")
    cdef const double[::1] sizes = sizes_array
    best = np.zeros(corners.shape[0])
    cdef double[::1] out = best
    cdef Py_ssize_t q, line
    with nogil:
        for q in range(corners.shape[0]):
            for line in range(lines.shape[0]):
                out[q] = max(out[q], across(corners[q], lines[line], totals[line], sizes[line], step))
    return best


cdef inline double across(
    const double[:, ::1] quad, const double[::1] line, const double[::1] totals, double size, double step
) noexcept nogil:
    cdef double[4] off
    cdef double[4] along
    cdef int k
    for k in range(4):
        off[k] = quad[k, 0] * line[0] + quad[k, 1] * line[1] - line[2]
        along[k] = quad[k, 1] * line[0] - quad[k, 0] * line[1]
    return max(
        between(off, along, 0, 1, 3, 2, line[3], totals, size, step),
        between(off, along, 1, 2, 0, 3, line[3], totals, size, step),
    )


cdef inline double between(
    const double* off, const double* along, int a, int b, int c, int d, double enter,
    const double[::1] totals, double size, double step
) noexcept nogil:
    cdef double one, two, start, end
    if off[a] * off[b] >= 0 or off[c] * off[d] >= 0:
        return 0
    one, two = off[a] / (off[a] - off[b]), off[c] / (off[c] - off[d])
    if one < INNER or one > 1 - INNER or two < INNER or two > 1 - INNER:
        return 0
    start, end = along[a] + one * (along[b] - along[a]), along[c] + two * (along[d] - along[c])
    return fabs(totals[sample(end - enter, step, size)] - totals[sample(start - enter, step, size)]) / max(
        1.0, fabs(end - start) / step
    )
