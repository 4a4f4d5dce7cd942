"""Samples along bars, and what they tell of these; ``bar_columns`` documents the arguments."""

import numpy as np

DEF BLOCK = 256


def sample_columns(
    const unsigned char[:, ::1] grey, const double[:, ::1] bars, const double[:] u, const float[::1] t
):
    if bars.shape[0] != 6 or bars.shape[1] != 4:
        raise ValueError("bars are six cubic polynomials")
    if grey.shape[0] < 2 or grey.shape[1] < 2:
        raise ValueError("a picture has two rows and two columns or more")
    cdef Py_ssize_t rows = t.shape[0], cols = u.shape[0], row, col
    found = np.empty((rows, cols), np.uint8)
    columns = np.empty((6, cols), np.float32)
    cdef unsigned char[:, ::1] out = found
    cdef float[:, ::1] column = columns
    with nogil:
        for row in range(6):
            for col in range(cols):
                column[row, col] = <float>(
                    bars[row, 0] + u[col] * (bars[row, 1] + u[col] * (bars[row, 2] + u[col] * bars[row, 3]))
                )
        for row in range(rows):
            for col in range(0, cols, BLOCK):
                sample(grey, column, t[row], col, min(cols - col, BLOCK), &out[row, col])
    return found


cdef void sample(
    const unsigned char[:, ::1] grey,
    const float[:, ::1] columns,
    float t,
    Py_ssize_t first,
    Py_ssize_t count,
    unsigned char *out,
) noexcept nogil:
    """Positions first, then the picture, so that the former loop is all vectors."""
    cdef int across[BLOCK]
    cdef int down[BLOCK]
    cdef const unsigned char *upper
    cdef const unsigned char *lower
    cdef Py_ssize_t wide = grey.shape[1], i
    cdef unsigned int u, v, both
    # No sample is of the last row or column alone, so that each has pixels at its right and below it.
    place(&columns[0, first], &columns[2, first], &columns[4, first], t, 32 * <int>wide - 33, across, count)
    place(&columns[1, first], &columns[3, first], &columns[5, first], t, 32 * <int>grey.shape[0] - 33, down, count)
    for i in range(count):
        u, v = across[i] & 31, down[i] & 31
        upper = &grey[down[i] >> 5, across[i] >> 5]
        lower = upper + wide
        # Both sides in one number, which halves the products.
        both = (32 - v) * (upper[0] | <unsigned int>upper[1] << 16)
        both += v * (lower[0] | <unsigned int>lower[1] << 16)
        out[i] = <unsigned char>(((32 - u) * (both & 0xffff) + u * (both >> 16) + 512) >> 10)


cdef void place(
    const float *middle, const float *step, const float *bend, float t, int last, int *out, Py_ssize_t count
) noexcept nogil:
    """Positions in units of 1/32 pixel, those beside the picture on its border."""
    cdef Py_ssize_t i
    cdef float at, most = <float>last
    for i in range(count):
        at = 32 * (middle[i] + t * (step[i] + t * bend[i])) + <float>0.5
        at = at if at > 0 else 0
        out[i] = <int>(at if at < most else most)


def gradient_moments(const unsigned char[:, ::1] grey):
    cdef Py_ssize_t rows = grey.shape[0], cols = grey.shape[1]
    if rows < 2 or cols < 2:
        raise ValueError("a gradient takes two rows and two columns")
    moments = np.zeros((5, 5), np.float64)
    lines = np.zeros((3, cols + 2), np.int16)
    columns = np.zeros((5, cols - 1), np.float32)
    cdef double[:, ::1] out = moments
    cdef short[:, ::1] line = lines
    cdef float[:, ::1] sums = columns
    cdef short *upper = &line[0, 0]
    cdef short *lower = &line[1, 0]
    cdef short *spare
    cdef Py_ssize_t y, x, kind, power
    cdef double value, u
    with nogil:
        for y in range(rows):
            add_rows(&grey[y - 1 if y else 1, 0], &grey[y, 0], &grey[y + 1 if y + 1 < rows else rows - 2, 0],
                     &line[2, 1], cols)
            line[2, 0], line[2, cols + 1] = line[2, 2], line[2, cols - 1]
            add_columns(&line[2, 0], lower, cols)
            if y:
                add_gradients(upper, lower, cols - 1, 2 * <float>(y - 1) / max(rows - 2, 1) - 1, sums)
            spare = upper
            upper = lower
            lower = spare
        for kind in range(5):
            for x in range(cols - 1):
                value, u = sums[kind, x], 2 * <double>x / max(cols - 2, 1) - 1
                for power in range(5):
                    out[kind, power] += value
                    value *= u
    return moments


cdef void add_rows(
    const unsigned char *above, const unsigned char *here, const unsigned char *below, short *out, Py_ssize_t count
) noexcept nogil:
    cdef Py_ssize_t x
    for x in range(count):
        out[x] = <short>(above[x] + 2 * here[x] + below[x])


cdef void add_columns(const short *rows, short *out, Py_ssize_t count) noexcept nogil:
    cdef Py_ssize_t x
    for x in range(count):
        out[x] = <short>(rows[x] + 2 * rows[x + 1] + rows[x + 2])


cdef void add_gradients(
    const short *upper, const short *lower, Py_ssize_t count, float v, float[:, ::1] out
) noexcept nogil:
    """The binomial is sixteen times too large; divided at once, sums stay small floats."""
    cdef float *squares = &out[0, 0]
    cdef float *first = &out[1, 0]
    cdef float *second = &out[2, 0]
    cdef float *mixed = &out[3, 0]
    cdef float *mixed_first = &out[4, 0]
    cdef float across, down, square, product, one, other
    cdef Py_ssize_t x
    for x in range(count):
        one = <float>(lower[x + 1] - upper[x])
        other = <float>(upper[x + 1] - lower[x])
        across = (one + other) * <float>0.0625
        down = (one - other) * <float>0.0625
        square = across * across
        product = across * down
        squares[x] += square
        first[x] += v * square
        second[x] += v * v * square
        mixed[x] += product
        mixed_first[x] += v * product


def detail_moments(const unsigned char[:, ::1] grey, int width):
    cdef Py_ssize_t rows = grey.shape[0], cols = grey.shape[1], half = width // 2, y, x
    if width < 1 or width % 2 == 0:
        raise ValueError("the window is odd")
    if rows < 1 or cols <= half:
        raise ValueError("the window is more than twice as wide as the picture")
    moments = np.zeros((2, cols), np.float32)
    totals = np.empty(cols + 2 * half + 1, np.int32)
    cdef float[:, ::1] out = moments
    cdef int[::1] sums = totals
    with nogil:
        for y in range(rows):
            add_up(&grey[y, 0], &sums[0], cols, half)
            add_detail(&grey[y, 0], &sums[0], &out[0, 0], &out[1, 0], cols, width)
        for x in range(cols):
            out[0, x] /= <float>(width * rows)
            out[1, x] /= <float>width * width * rows
    return moments


cdef void add_up(const unsigned char *line, int *sums, Py_ssize_t count, Py_ssize_t half) noexcept nogil:
    """Sums of all pixels before each, those beyond the ends mirrored."""
    cdef Py_ssize_t x
    cdef int total = 0
    for x in range(half):
        sums[x] = total
        total += line[half - x]
    for x in range(count):
        sums[half + x] = total
        total += line[x]
    for x in range(half):
        sums[half + count + x] = total
        total += line[count - 2 - x]
    sums[count + 2 * half] = total


cdef void add_detail(
    const unsigned char *line, const int *sums, float *means, float *squares, Py_ssize_t count, int width
) noexcept nogil:
    cdef Py_ssize_t x
    cdef float detail
    for x in range(count):
        detail = <float>(line[x] * width - (sums[x + width] - sums[x]))
        means[x] += detail
        squares[x] += detail * detail
