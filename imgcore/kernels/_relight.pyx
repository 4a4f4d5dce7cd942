"""Relighting and sharpening in one pass; ``relight`` documents the arguments."""

import numpy as np


cdef enum:
    FRACTIONS = 1 << 15


def relight(
    const short[:, :, ::1] light,
    const unsigned char[:, :, ::1] image,
    const unsigned char[:, ::1] table,
):
    cdef int rows = image.shape[0], cols = image.shape[1], channels = image.shape[2]
    if light.shape[0] < 1 or light.shape[1] != cols or light.shape[2] != channels:
        raise ValueError("the picture and its light differ in shape")
    if table.shape[0] != 256 or table.shape[1] != 256:
        raise ValueError("the table is not 256 x 256")
    found = np.empty((rows, cols, channels), np.uint8)
    cdef unsigned char[:, :, ::1] out = found
    cdef unsigned char[::1] lit = np.empty(cols * channels, np.uint8)
    # The last three lines: relit, with a pixel more at either end, and summed along.
    cdef unsigned char[:, ::1] lines = np.empty((3, (cols + 2) * channels), np.uint8)
    cdef unsigned short[:, ::1] sums = np.empty((3, cols * channels), np.uint16)
    cdef int row, before, after, length = cols * channels
    with nogil:
        for row in range(-1, rows):
            if row + 1 < rows:
                interpolate(light, row + 1, rows, &lit[0])
                look_up(&lit[0], &image[row + 1, 0, 0], &table[0, 0], length, &lines[(row + 1) % 3, channels])
                add_along(&lines[(row + 1) % 3, 0], cols, channels, &sums[(row + 1) % 3, 0])
            if row >= 0:
                # At the border the picture is mirrored, without the border's own line.
                before = row - 1 if row > 0 else min(1, rows - 1)
                after = row + 1 if row + 1 < rows else max(rows - 2, 0)
                sharpen(
                    &lines[row % 3, channels], &sums[before % 3, 0], &sums[row % 3, 0], &sums[after % 3, 0],
                    length, &out[row, 0, 0],
                )
    return found


cdef void interpolate(
    const short[:, :, ::1] light, int row, int rows, unsigned char *lit
) noexcept nogil:
    """Light of one line of the picture, between two lines of the measured light."""
    # Halves of a line, so that it stays in integers.
    cdef long long twice = (2 * row + 1) * <long long>light.shape[0] * FRACTIONS // rows - FRACTIONS
    cdef int place = <int>max(0, min(twice >> 1, (light.shape[0] - 1) * FRACTIONS))
    cdef int first = place // FRACTIONS, last = min(first + 1, <int>light.shape[0] - 1)
    cdef short below = place % FRACTIONS, step
    cdef const short *upper = &light[first, 0, 0]
    cdef const short *lower = &light[last, 0, 0]
    cdef Py_ssize_t k
    for k in range(light.shape[1] * light.shape[2]):
        # The upper half of a product of 16 bits is one instruction.
        step = <short>(<int>(<short>(2 * (lower[k] - upper[k]))) * <int>below >> 16)
        lit[k] = <unsigned char>(<short>(upper[k] + step + 32) >> 6)


cdef void look_up(
    const unsigned char *light, const unsigned char *image, const unsigned char *table, int length,
    unsigned char *line,
) noexcept nogil:
    cdef int k
    for k in range(length):
        line[k] = table[256 * <int>light[k] + image[k]]


cdef void add_along(unsigned char *line, int cols, int channels, unsigned short *sums) noexcept nogil:
    """Sum each pixel, twice, and those left and right of it; the ends of the line are mirrored first."""
    cdef int c, k, inner = 1 if cols > 1 else 0
    for c in range(channels):
        line[c] = line[channels * (1 + inner) + c]
        line[channels * (cols + 1) + c] = line[channels * (cols - inner) + c]
    for k in range(cols * channels):
        sums[k] = line[k] + 2 * line[k + channels] + line[k + 2 * channels]


cdef void sharpen(
    const unsigned char *line, const unsigned short *above, const unsigned short *own, const unsigned short *below,
    int length, unsigned char *out,
) noexcept nogil:
    cdef int k
    cdef short twice, level
    for k in range(length):
        twice = 3 * line[k] - ((above[k] + 2 * own[k] + below[k] + 8) >> 4)
        # Halves are rounded to even.
        level = (twice >> 1) + (twice & (twice >> 1) & 1)
        out[k] = <unsigned char>(0 if level < 0 else 255 if level > 255 else level)
