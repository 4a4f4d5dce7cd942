"""Bilinear interpolation of a picture at any places; ``sample_bilinear`` documents the arguments."""

import numpy as np

from libc.math cimport lrintf

ctypedef fused Level:
    unsigned char
    float


def sample_bilinear(const Level[:, :, ::1] picture, const float[:, ::1] x, const float[:, ::1] y):
    if min(picture.shape[0], picture.shape[1], picture.shape[2]) < 1:
        raise ValueError("a picture has pixels, and each place an x and a y")
    if x.shape[0] != y.shape[0] or x.shape[1] != y.shape[1]:
        raise ValueError("a picture has pixels, and each place an x and a y")
    cdef Py_ssize_t i, j
    if Level is float:
        samples = np.empty((x.shape[0], x.shape[1], picture.shape[2]), np.float32)
    else:
        samples = np.empty((x.shape[0], x.shape[1], picture.shape[2]), np.uint8)
    cdef Level[:, :, ::1] out = samples
    with nogil:
        for i in range(x.shape[0]):
            for j in range(x.shape[1]):
                interpolate(
                    picture, within(x[i, j], picture.shape[1]), within(y[i, j], picture.shape[0]), &out[i, j, 0]
                )
    return samples


cdef inline float within(float at, Py_ssize_t size) noexcept nogil:
    """A place in the picture; what is no number is at its beginning."""
    at = at if at > 0 else 0
    return at if at < <float>(size - 1) else <float>(size - 1)


cdef inline void interpolate(
    const Level[:, :, ::1] picture, float x, float y, Level* out
) noexcept nogil:
    cdef Py_ssize_t left = <Py_ssize_t>x, top = <Py_ssize_t>y, channel
    cdef Py_ssize_t right = min(left + 1, picture.shape[1] - 1), bottom = min(top + 1, picture.shape[0] - 1)
    cdef float across = x - <float>left, down = y - <float>top, above, below
    cdef const Level* one = &picture[top, left, 0]
    cdef const Level* two = &picture[top, right, 0]
    cdef const Level* three = &picture[bottom, left, 0]
    cdef const Level* four = &picture[bottom, right, 0]
    for channel in range(picture.shape[2]):
        above = <float>one[channel] + across * (<float>two[channel] - <float>one[channel])
        below = <float>three[channel] + across * (<float>four[channel] - <float>three[channel])
        above = above + down * (below - above)
        if Level is float:
            out[channel] = above
        else:
            out[channel] = <unsigned char>lrintf(above)
