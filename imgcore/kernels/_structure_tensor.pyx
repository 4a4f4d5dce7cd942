"""Structure tensors of square cells; ``structure_tensor`` documents the arguments."""

import numpy as np

from libc.string cimport memset


def structure_tensors(const unsigned char[:, ::1] grey, int cell):
    if not 2 <= cell <= 64:
        raise ValueError("a cell is 2 to 64 pixels")
    cdef Py_ssize_t high = grey.shape[0] // cell, wide = grey.shape[1] // cell
    tensors = np.zeros((high, wide, 3), np.float32)
    if high == 0 or wide == 0:
        return tensors
    # 64 rows of products up to 510² stay below 2²⁵.
    columns = np.empty((3, wide * cell), np.int32)
    cdef float[:, :, ::1] out = tensors
    cdef int[:, ::1] sums = columns
    cdef Py_ssize_t row, y, used = min(wide * cell, grey.shape[1] - 1)
    with nogil:
        for row in range(high):
            memset(&sums[0, 0], 0, 3 * wide * cell * sizeof(int))
            for y in range(row * cell, min((row + 1) * cell, grey.shape[0] - 1)):
                add_row(&grey[y, 0], &grey[y + 1, 0], used, &sums[0, 0], &sums[1, 0], &sums[2, 0])
            fold(sums, out[row], cell)
    return tensors


cdef void add_row(
    const unsigned char* upper, const unsigned char* lower, Py_ssize_t count, int* xx, int* yy, int* xy
) noexcept nogil:
    """Sums down the columns; sums across the cells come once a cell, so that this loop is all vectors."""
    cdef Py_ssize_t x
    cdef short one, other, across, down
    for x in range(count):
        one = <short>(lower[x + 1] - upper[x])
        other = <short>(upper[x + 1] - lower[x])
        across = <short>(one + other)
        down = <short>(one - other)
        xx[x] += <int>across * across
        yy[x] += <int>down * down
        xy[x] += <int>across * down


cdef void fold(int[:, ::1] sums, float[:, ::1] cells, int cell) noexcept nogil:
    cdef Py_ssize_t place, x
    cdef int channel
    cdef long long total
    for channel in range(3):
        for place in range(cells.shape[0]):
            total = 0
            for x in range(place * cell, (place + 1) * cell):
                total += sums[channel, x]
            cells[place, channel] = <float>total
