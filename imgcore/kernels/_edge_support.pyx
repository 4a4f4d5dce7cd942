"""Edge support of straight lines; ``edge_support`` documents the arguments."""

import numpy as np

from libc.math cimport fabs


def edge_support(
    const float[:, :, ::1] field_x,
    const float[:, :, ::1] field_y,
    const double[:, ::1] lines,
    double step,
    int reach,
    int window,
):
    for axis in range(3):
        if field_x.shape[axis] != field_y.shape[axis] or field_x.shape[axis] < 1:
            raise ValueError("the fields differ in shape or are empty")
    if lines.shape[1] != 5 or not step > 0 or reach < 0 or window < 0:
        raise ValueError("a line is five numbers, the step positive, reach and window not negative")
    cdef const double[::1] lengths = np.maximum(
        np.floor((np.asarray(lines[:, 4]) - np.asarray(lines[:, 3])) / step), 0
    )
    cdef Py_ssize_t longest = max(1, int(np.max(lengths, initial=0)))
    support = np.zeros((lines.shape[0], longest), np.float32)
    cdef float[:, ::1] out = support
    cdef double[::1] best = np.zeros(longest)
    cdef double[:, ::1] total = np.zeros((field_x.shape[2], longest + 1))
    cdef Py_ssize_t number, channel, i, count
    cdef int off
    with nogil:
        for number in range(lines.shape[0]):
            count = <Py_ssize_t>lengths[number]
            best[:] = 0
            for off in range(-reach, reach + 1):
                accumulate(field_x, field_y, lines[number], off, step, count, total)
                for channel in range(field_x.shape[2]):
                    keep_largest(best, total[channel], count, window)
            for i in range(count):
                out[number, i] = <float>(best[i] / (min(i + window + 1, count) - max(i - window, 0)))
    return support


cdef inline void accumulate(
    const float[:, :, ::1] field_x, const float[:, :, ::1] field_y, const double[::1] line,
    int off, double step, Py_ssize_t count, double[:, ::1] total
) noexcept nogil:
    """Sum the gradient across a line, all channels at once: finding a pixel takes longer than reading it."""
    # Rounding towards zero instead of down moves -1 at most, which is beyond the border as well.
    cdef Py_ssize_t rows = field_x.shape[0], cols = field_x.shape[1], channels = field_x.shape[2]
    cdef Py_ssize_t i, x, y, channel
    cdef double at, beside = line[2] + off
    cdef float normal_x = <float>line[0], normal_y = <float>line[1]
    cdef const float* across
    cdef const float* down
    for i in range(count):
        at = line[3] + step * i
        x = within(<Py_ssize_t>(beside * line[0] - at * line[1] + (cols - 1) / 2.0 + 0.5), cols)
        y = within(<Py_ssize_t>(beside * line[1] + at * line[0] + (rows - 1) / 2.0 + 0.5), rows)
        across, down = &field_x[y, x, 0], &field_y[y, x, 0]
        for channel in range(channels):
            total[channel, i + 1] = total[channel, i] + (across[channel] * normal_x + down[channel] * normal_y)


cdef inline Py_ssize_t within(Py_ssize_t at, Py_ssize_t size) noexcept nogil:
    return 0 if at < 0 else (size - 1 if at >= size else at)


cdef inline void keep_largest(
    double[::1] best, const double[::1] total, Py_ssize_t count, int window
) noexcept nogil:
    """Keep the largest sum in a window around each sample; apart from the ends all windows are of one size."""
    cdef Py_ssize_t i
    cdef Py_ssize_t inner = max(min(<Py_ssize_t>window, count), 0), outer = max(count - window, inner)
    cdef double* at = &best[0]
    cdef const double* low = &total[0]
    cdef const double* high = low + 2 * window + 1
    for i in range(inner):
        at[i] = max(at[i], fabs(low[min(i + window + 1, count)] - low[0]))
    for i in range(outer - inner):
        at[inner + i] = max(at[inner + i], fabs(high[i] - low[i]))
    for i in range(outer, count):
        at[i] = max(at[i], fabs(low[count] - low[max(i - window, 0)]))
