"""Two-dimensional look-up table applied to two pictures; ``pair_lookup`` documents the arguments."""

import numpy as np


def pair_lookup(
    const unsigned char[:, :, :] first,
    const unsigned char[:, :, :] second,
    const unsigned char[:, ::1] table,
):
    cdef Py_ssize_t rows = second.shape[0], cols = second.shape[1], channels = second.shape[2]
    if first.shape[0] != rows or first.shape[1] != cols or first.shape[2] not in (1, channels):
        raise ValueError("the two planes differ in shape")
    if table.shape[0] != 256 or table.shape[1] != 256:
        raise ValueError("the table is not 256 x 256")
    found = np.empty((rows, cols, channels), np.uint8)
    cdef unsigned char[:, :, ::1] out = found
    cdef Py_ssize_t y, x, c
    cdef bint shared = first.shape[2] == 1
    cdef const unsigned char* line
    with nogil:
        for y in range(rows):
            for x in range(cols):
                if shared:
                    line = &table[first[y, x, 0], 0]
                    for c in range(channels):
                        out[y, x, c] = line[second[y, x, c]]
                else:
                    for c in range(channels):
                        out[y, x, c] = table[first[y, x, c], second[y, x, c]]
    return found
