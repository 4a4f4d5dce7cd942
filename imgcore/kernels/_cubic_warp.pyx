"""Perspective warp with cubic interpolation; ``warp_cubic`` documents the arguments."""

from functools import lru_cache

import cv2
import numpy as np

from libc.math cimport fabs, floor, fmax, fmin, rint

from imgcore.kernels._cubic cimport gaopai_cubic1, gaopai_cubic3, gaopai_cubic_plain

cdef enum:
    BLOCK = 64
    TILE_ROWS = 32
    NEAR = 4096
    FAR = 1 << 24
    FRACTIONS = 32


def warp_cubic(
    const unsigned char[:, :, ::1] image, const double[:, ::1] matrix, unsigned char[:, :, ::1] warped,
    int top=0, bottom=None,
):
    if image.shape[2] not in (1, 3) or image.shape[0] < 1 or image.shape[1] < 1:
        raise ValueError("a picture has one channel or three")
    if matrix.shape[0] != 3 or matrix.shape[1] != 3:
        raise ValueError("a homography is 3 x 3")
    cdef int end = warped.shape[0] if bottom is None else bottom
    if warped.shape[2] != image.shape[2] or not 0 <= top <= end <= warped.shape[0] or top % TILE_ROWS:
        raise ValueError("the result has other channels or rows")
    cdef const double[:, ::1] inverse = np.ascontiguousarray(cv2.invert(np.asarray(matrix))[1])
    cdef const short[:, ::1] weights = _weights()
    cdef int across, down
    with nogil:
        # By tiles: their part of the picture stays in the first cache, however it is turned.
        for down in range(top // TILE_ROWS, (end + TILE_ROWS - 1) // TILE_ROWS):
            for across in range((warped.shape[1] + BLOCK - 1) // BLOCK):
                warp_tile(image, &inverse[0, 0], weights, warped, down * TILE_ROWS, end, across * BLOCK)


@lru_cache(maxsize=1)
def _weights():
    """Integer weights ``(32 * 32, 16)`` by the fractions in y and x, in the order of ``_cubic``."""
    x = (np.arange(FRACTIONS, dtype=np.float32) / np.float32(FRACTIONS))[:, None]
    a, far, near = np.float32(-0.75), x + 1, 1 - x
    first = ((a * far - 5 * a) * far + 8 * a) * far - 4 * a
    second = ((a + 2) * x - (a + 3)) * x * x + 1
    third = ((a + 2) * near - (a + 3)) * near * near + 1
    line = np.concatenate([first, second, third, 1 - first - second - third], axis=1)
    plane = np.einsum("ij,kl->ikjl", line, line).reshape(-1, 4, 4)
    table = np.clip(np.rint(plane * np.float32(1 << 15)), -(1 << 15), (1 << 15) - 1).astype(np.int32)
    # What rounding took goes to the largest of the lower right four weights, or from the smallest.
    middle = table[:, 2:, 2:].reshape(-1, 4)
    missing = (1 << 15) - table.sum(axis=(1, 2))
    at = np.where(missing > 0, middle.argmax(axis=1), middle.argmin(axis=1))
    table[np.arange(len(table)), 2 + at // 2, 2 + at % 2] += missing
    return np.ascontiguousarray(table.reshape(-1, 2, 2, 4).transpose(0, 1, 3, 2).reshape(-1, 16), np.int16)


cdef void warp_tile(
    const unsigned char[:, :, ::1] image, const double *inverse, const short[:, ::1] weights,
    unsigned char[:, :, ::1] out, int top, int bottom, int begin,
) noexcept nogil:
    cdef int[BLOCK] x
    cdef int[BLOCK] y
    cdef int row, count = min(BLOCK, <int>out.shape[1] - begin)
    cdef int end = min(top + TILE_ROWS, bottom)
    cdef double[2] origin
    cdef bint small = is_small(inverse, top, begin, origin)
    for row in range(top, end):
        if small:
            near_places(inverse, row, begin, origin, x, y)
        else:
            far_places(inverse, row, begin, x, y)
        if image.shape[2] == 3:
            interpolate3(image, x, y, count, weights, &out[row, begin, 0])
        else:
            interpolate1(image, x, y, count, weights, &out[row, begin, 0])


cdef bint is_small(const double *inverse, int top, int begin, double *origin) noexcept nogil:
    """Return whether a tile shows a small part of the plane, near whole coordinates that become `origin`.

    No horizon crosses it, then: between corners on one side of it lies what is between their images.
    """
    cdef double x, y, w, first = 0
    cdef int k
    for k in range(4):
        x, y = begin + (k & 1) * BLOCK, top + (k >> 1) * TILE_ROWS
        w = inverse[6] * x + inverse[7] * y + inverse[8]
        if k == 0:
            first = w
        if w * first <= 0:
            return False
        x, y = (
            (inverse[0] * x + inverse[1] * y + inverse[2]) / w,
            (inverse[3] * x + inverse[4] * y + inverse[5]) / w,
        )
        if k == 0:
            origin[0], origin[1] = floor(x), floor(y)
        if not (fabs(x - origin[0]) < NEAR and fabs(y - origin[1]) < NEAR and fabs(x) < FAR and fabs(y) < FAR):
            return False
    return True


cdef void near_places(
    const double *inverse, int row, int begin, const double *origin, int *x, int *y
) noexcept nogil:
    """Places of a block of pixels in the picture, in thirty-seconds of a pixel, rounded to even."""
    # Counted from the tile's origin, single precision is good to a thousandth of a thirty-second.
    cdef double line_w = inverse[6] * begin + inverse[7] * row + inverse[8]
    cdef double line_x = inverse[0] * begin + inverse[1] * row + inverse[2] - origin[0] * line_w
    cdef double line_y = inverse[3] * begin + inverse[4] * row + inverse[5] - origin[1] * line_w
    cdef float w = line_w, dw = inverse[6]
    cdef float across = FRACTIONS * line_x, dx = FRACTIONS * (inverse[0] - origin[0] * inverse[6])
    cdef float down = FRACTIONS * line_y, dy = FRACTIONS * (inverse[3] - origin[1] * inverse[6])
    # Added, it leaves no bits for fractions.
    cdef float rounder = 12582912.0, scale, place_x, place_y
    cdef int left = FRACTIONS * <int>origin[0], top = FRACTIONS * <int>origin[1], k
    for k in range(BLOCK):
        scale = <float>1.0 / (w + dw * <float>k)
        place_x = (across + dx * <float>k) * scale + rounder
        place_y = (down + dy * <float>k) * scale + rounder
        x[k] = left + <int>(place_x - rounder)
        y[k] = top + <int>(place_y - rounder)


cdef void far_places(const double *inverse, int row, int begin, int *x, int *y) noexcept nogil:
    """Places of a block of pixels, in thirty-seconds of a pixel, however far from the picture they lie."""
    cdef double scale, limit = FRACTIONS * FAR
    cdef int k
    for k in range(BLOCK):
        scale = inverse[6] * (begin + k) + inverse[7] * row + inverse[8]
        scale = FRACTIONS / scale if scale != 0 else 0.0
        x[k] = <int>rint(fmax(-limit, fmin(limit, (inverse[0] * (begin + k) + inverse[1] * row + inverse[2]) * scale)))
        y[k] = <int>rint(fmax(-limit, fmin(limit, (inverse[3] * (begin + k) + inverse[4] * row + inverse[5]) * scale)))


cdef void interpolate3(
    const unsigned char[:, :, ::1] image, const int *x, const int *y, int count,
    const short[:, ::1] weights, unsigned char *out,
) noexcept nogil:
    cdef Py_ssize_t stride = image.shape[1] * 3
    # Within, 16 bytes can be read of each line, and the fourth byte written is the next pixel's first.
    cdef int k, left, top, right = image.shape[1] - 5, bottom = image.shape[0] - 3
    cdef unsigned char[4] pixel
    cdef const short *weight
    for k in range(count):
        left, top = (x[k] >> 5) - 1, (y[k] >> 5) - 1
        weight = &weights[(y[k] & 31) * FRACTIONS + (x[k] & 31), 0]
        if left < 0 or top < 0 or left >= right or top >= bottom:
            at_border(image, left, top, weight, out + 3 * k)
        elif k == count - 1:
            gaopai_cubic3(&image[top, left, 0], stride, weight, pixel)
            out[3 * k], out[3 * k + 1], out[3 * k + 2] = pixel[0], pixel[1], pixel[2]
        else:
            gaopai_cubic3(&image[top, left, 0], stride, weight, out + 3 * k)


cdef void interpolate1(
    const unsigned char[:, :, ::1] image, const int *x, const int *y, int count,
    const short[:, ::1] weights, unsigned char *out,
) noexcept nogil:
    cdef int k, left, top, right = image.shape[1] - 3, bottom = image.shape[0] - 3
    cdef const short *weight
    for k in range(count):
        left, top = (x[k] >> 5) - 1, (y[k] >> 5) - 1
        weight = &weights[(y[k] & 31) * FRACTIONS + (x[k] & 31), 0]
        if left < 0 or top < 0 or left >= right or top >= bottom:
            at_border(image, left, top, weight, out + k)
        else:
            gaopai_cubic1(&image[top, left, 0], image.shape[1], weight, out + k)


cdef void at_border(
    const unsigned char[:, :, ::1] image, int left, int top, const short *weight, unsigned char *out
) noexcept nogil:
    """Interpolate where the picture's border continues beyond it."""
    cdef const unsigned char *lines[4]
    cdef int[4] columns
    cdef int k, rows = image.shape[0], cols = image.shape[1]
    for k in range(4):
        lines[k] = &image[min(max(top + k, 0), rows - 1), 0, 0]
        columns[k] = min(max(left + k, 0), cols - 1)
    gaopai_cubic_plain(lines, columns, <int>image.shape[2], weight, out)
