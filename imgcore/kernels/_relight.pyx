"""Relighting and sharpening in one pass; ``relight`` documents the arguments."""

import numpy as np


cdef enum:
    FRACTIONS = 1 << 15


def relight(
    const short[:, :, ::1] gain, const unsigned char[:, :, ::1] image, const short[:, :, ::1] black,
    unsigned char[:, :, ::1] relit, int top=0, bottom=None,
):
    cdef int rows = image.shape[0], cols = image.shape[1], channels = image.shape[2]
    cdef int end = rows if bottom is None else bottom
    if gain.shape[0] < 1 or gain.shape[1] != cols or gain.shape[2] != channels:
        raise ValueError("the picture, its gain and the result differ in shape")
    if black.shape[0] != gain.shape[0] or black.shape[1] != cols or black.shape[2] != channels:
        raise ValueError("the picture, its gain and the result differ in shape")
    if relit.shape[0] != rows or relit.shape[1] != cols or relit.shape[2] != channels:
        raise ValueError("the picture, its gain and the result differ in shape")
    if not 0 <= top <= end <= rows:
        raise ValueError("the picture has no such rows")
    cdef short[::1] own = np.empty(cols * channels, np.int16)
    cdef short[::1] dark = np.empty(cols * channels, np.int16)
    # The last three lines: relit, with a pixel more at either end, and summed along.
    cdef unsigned char[:, ::1] lines = np.empty((3, (cols + 2) * channels), np.uint8)
    cdef unsigned short[:, ::1] sums = np.empty((3, cols * channels), np.uint16)
    cdef int row, before, after, length = cols * channels
    with nogil:
        # From two rows before: sharpening sees a row more on either side.
        for row in range(max(top - 2, -1), end):
            if row + 1 < rows:
                interpolate(gain, row + 1, rows, &own[0])
                interpolate(black, row + 1, rows, &dark[0])
                amplify(&own[0], &image[row + 1, 0, 0], &dark[0], length, &lines[(row + 1) % 3, channels])
                add_along(&lines[(row + 1) % 3, 0], cols, channels, &sums[(row + 1) % 3, 0])
            if row >= top:
                # At the border the picture is mirrored, without the border's own line.
                before = row - 1 if row > 0 else min(1, rows - 1)
                after = row + 1 if row + 1 < rows else max(rows - 2, 0)
                sharpen(
                    &lines[row % 3, channels], &sums[before % 3, 0], &sums[row % 3, 0], &sums[after % 3, 0],
                    length, &relit[row, 0, 0],
                )


cdef void interpolate(const short[:, :, ::1] gain, int row, int rows, short *own) noexcept nogil:
    """Interpolate the gain, or the black point, of one line of the picture."""
    # Halves of a line, so that it stays in integers.
    cdef long long twice = (2 * row + 1) * <long long>gain.shape[0] * FRACTIONS // rows - FRACTIONS
    cdef int place = <int>max(0, min(twice >> 1, (gain.shape[0] - 1) * FRACTIONS))
    cdef int first = place // FRACTIONS, last = min(first + 1, <int>gain.shape[0] - 1)
    cdef short below = place % FRACTIONS
    cdef const short *upper = &gain[first, 0, 0]
    cdef const short *lower = &gain[last, 0, 0]
    cdef Py_ssize_t k
    for k in range(gain.shape[1] * gain.shape[2]):
        # The upper half of a product of 16 bits is one instruction.
        own[k] = <short>(upper[k] + 2 * (<int><short>(lower[k] - upper[k]) * <int>below >> 16))


cdef void amplify(
    const short *gain, const unsigned char *image, const short *black, int length, unsigned char *line
) noexcept nogil:
    cdef int k
    cdef short level
    for k in range(length):
        level = <short>(<unsigned int><unsigned short>(image[k] << 8) * <unsigned int><unsigned short>gain[k] >> 16)
        level = <short>(level - black[k] + 4) >> 3
        line[k] = <unsigned char>(0 if level < 0 else 255 if level > 255 else level)


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
