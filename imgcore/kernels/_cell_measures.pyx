"""Measures of square cells and of those that belong together; ``cell_measures`` documents the arguments."""

import numpy as np

from libc.math cimport atan2, cos, sin
from libc.string cimport memcpy, memset


def cell_greys(const unsigned char[:, ::1] grey, int cell):
    if not 2 <= cell <= 64:
        raise ValueError("a cell is 2 to 64 pixels")
    cdef Py_ssize_t high = grey.shape[0] // cell, wide = grey.shape[1] // cell
    found = np.zeros((3, high, wide), np.uint8)
    if high == 0 or wide == 0:
        return found
    extremes = np.empty((2, wide * cell), np.uint8)
    totals = np.empty(wide * cell, np.uint16)
    cdef unsigned char[:, :, ::1] out = found
    cdef unsigned char[:, ::1] ends = extremes
    cdef unsigned short[::1] sums = totals
    cdef Py_ssize_t row, y, first, used = wide * cell
    with nogil:
        for row in range(high):
            first = row * cell
            memcpy(&ends[0, 0], &grey[first, 0], used)
            memcpy(&ends[1, 0], &grey[first, 0], used)
            memset(&sums[0], 0, used * sizeof(short))
            for y in range(first, first + cell):
                add(&grey[y, 0], &sums[0], used)
                if (y - first) % 2 == 0:
                    widen(&grey[y, 0], &ends[0, 0], &ends[1, 0], used)
            fold(&ends[0, 0], &ends[1, 0], &sums[0], out, row, cell)
    return found


cdef void add(const unsigned char *line, unsigned short *sums, Py_ssize_t count) noexcept nogil:
    cdef Py_ssize_t x
    for x in range(count):
        sums[x] += line[x]


cdef void widen(
    const unsigned char *line, unsigned char *least, unsigned char *most, Py_ssize_t count
) noexcept nogil:
    cdef Py_ssize_t x
    for x in range(count):
        least[x] = line[x] if line[x] < least[x] else least[x]
        most[x] = line[x] if line[x] > most[x] else most[x]


cdef void fold(
    const unsigned char *least, const unsigned char *most, const unsigned short *sums,
    unsigned char[:, :, ::1] out, Py_ssize_t row, int cell
) noexcept nogil:
    cdef Py_ssize_t place, x, first
    cdef unsigned char dark, light
    cdef int total
    for place in range(out.shape[2]):
        first = place * cell
        dark, light, total = least[first], most[first], 0
        for x in range(first, first + cell):
            total += sums[x]
        for x in range(first, first + cell, 2):
            dark = least[x] if least[x] < dark else dark
            light = most[x] if most[x] > light else light
        out[0, row, place], out[1, row, place] = dark, light
        out[2, row, place] = <unsigned char>((2 * total + cell * cell) // (2 * cell * cell))


def component_statistics(
    const int[:, ::1] labels, const unsigned char[:, ::1] inside, const float[:, :, ::1] values, int count
):
    cdef Py_ssize_t high = labels.shape[0], wide = labels.shape[1], channels = values.shape[2]
    if inside.shape[0] != high or inside.shape[1] != wide or values.shape[0] != high or values.shape[1] != wide:
        raise ValueError("labels, mask and values differ in shape")
    areas = np.zeros(max(count, 1), np.int64)
    boxes = np.zeros((len(areas), 4), np.int32)
    sums = np.zeros((len(areas), channels), np.float64)
    cdef long long[::1] area = areas
    cdef int[:, ::1] box = boxes
    cdef double[:, ::1] total = sums
    cdef Py_ssize_t x, y, channel
    cdef int label
    cdef bint known = count >= 1
    with nogil:
        for y in range(high):
            for x in range(wide):
                label = labels[y, x]
                if label <= 0 or label >= count:
                    known = known and label == 0
                    continue
                if area[label] == 0:
                    box[label, 0], box[label, 1], box[label, 2] = <int>x, <int>y, <int>x
                elif x < box[label, 0]:
                    box[label, 0] = <int>x
                elif x > box[label, 2]:
                    box[label, 2] = <int>x
                box[label, 3] = <int>y
                area[label] += 1
                if inside[y, x]:
                    for channel in range(channels):
                        total[label, channel] += values[y, x, channel]
        for label in range(1, count):
            if area[label]:
                box[label, 2] += 1 - box[label, 0]
                box[label, 3] += 1 - box[label, 1]
    if not known:
        raise ValueError("a label is 0 to less than the count")
    return areas, boxes, sums


def cell_rectangle(const float[:, :, :] tensors, const unsigned char[:, ::1] inside, int spare):
    if tensors.shape[0] != inside.shape[0] or tensors.shape[1] != inside.shape[1] or tensors.shape[2] != 3:
        raise ValueError("tensors and mask differ in shape")
    if spare < 1:
        raise ValueError("the share is of one cell or more")
    places = np.empty((2, inside.shape[0] * inside.shape[1]), np.float64)
    cdef double[:, ::1] place = places
    cdef Py_ssize_t x, y, count = 0, few
    cdef double across = 0, down = 0, mixed = 0, angle, step_x, step_y, left, right, top, bottom
    with nogil:
        for y in range(inside.shape[0]):
            for x in range(inside.shape[1]):
                if inside[y, x]:
                    across += tensors[y, x, 0]
                    down += tensors[y, x, 1]
                    mixed += tensors[y, x, 2]
                    count += 1
    if count == 0:
        raise ValueError("there is no cell")
    angle = atan2(2 * mixed, across - down) / 2
    with nogil:
        step_x, step_y, few, count = cos(angle), sin(angle), count // spare, 0
        for y in range(inside.shape[0]):
            for x in range(inside.shape[1]):
                if inside[y, x]:
                    place[0, count] = x * step_x + y * step_y
                    place[1, count] = y * step_x - x * step_y
                    count += 1
        left, right = selected(&place[0, 0], count, few), selected(&place[0, 0], count, count - 1 - few)
        top, bottom = selected(&place[1, 0], count, few), selected(&place[1, 0], count, count - 1 - few)
    return across + down, angle, left, right, top, bottom


cdef double selected(double *values, Py_ssize_t count, Py_ssize_t wanted) noexcept nogil:
    """The value that would be at a place if all were in order; Hoare's algorithm, which moves them."""
    cdef Py_ssize_t low = 0, high = count - 1, i, j
    cdef double pivot
    while low < high:
        pivot, i, j = values[(low + high) // 2], low, high
        while i <= j:
            while values[i] < pivot:
                i += 1
            while values[j] > pivot:
                j -= 1
            if i <= j:
                values[i], values[j] = values[j], values[i]
                i += 1
                j -= 1
        if wanted <= j:
            high = j
        elif wanted >= i:
            low = i
        else:
            break
    return values[wanted]
