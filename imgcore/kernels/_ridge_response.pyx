# distutils: language = c
"""Oriented filtering of ridges; ``ridge_response`` documents the arguments."""

import numpy as np

from libc.string cimport memset

DEF CELL = 4


def filter_ridges(const float[:, ::1] level, const short[:, ::1] chosen, const float[:, :, :, ::1] bank):
    cdef Py_ssize_t high = chosen.shape[0], wide = chosen.shape[1], side = bank.shape[2]
    if bank.shape[1] != 2 or bank.shape[3] != side or side % 2 == 0:
        raise ValueError("filters are pairs of odd squares")
    if level.shape[0] < CELL * high + side - 1 or level.shape[1] < CELL * wide + side - 1:
        raise ValueError("the picture is to have a margin of half a filter")
    if chosen.shape[0] and chosen.shape[1] and np.max(chosen) >= bank.shape[0]:
        raise ValueError("there is no such filter")
    response = np.zeros((2, CELL * high, CELL * wide), np.float32)
    cdef float[:, :, ::1] out = response
    cdef Py_ssize_t row, col
    with nogil:
        for row in range(high):
            for col in range(wide):
                if chosen[row, col] >= 0:
                    filter_cell(level, bank[chosen[row, col]], out, CELL * row, CELL * col)
    return response


cdef void filter_cell(
    const float[:, ::1] level, const float[:, :, ::1] pair, float[:, :, ::1] out, Py_ssize_t top, Py_ssize_t left
) noexcept nogil:
    cdef float even[CELL * CELL]
    cdef float odd[CELL * CELL]
    cdef float first, second
    cdef const float* line
    cdef Py_ssize_t row, col, side = pair.shape[1]
    cdef int i, j
    memset(even, 0, sizeof(even))
    memset(odd, 0, sizeof(odd))
    for row in range(side):
        for col in range(side):
            first, second = pair[0, row, col], pair[1, row, col]
            for j in range(CELL):
                line = &level[top + row + j, left + col]
                for i in range(CELL):
                    even[CELL * j + i] += first * line[i]
                    odd[CELL * j + i] += second * line[i]
    for j in range(CELL):
        for i in range(CELL):
            out[0, top + j, left + i] = even[CELL * j + i]
            out[1, top + j, left + i] = odd[CELL * j + i]
