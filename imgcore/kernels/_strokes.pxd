# Straight strokes with soft edges, drawn into the blocks of one MCU.

from imgcore.kernels._dct cimport forward, inverse
from libc.math cimport fabsf, lrintf, sqrtf
from libc.stdint cimport int16_t, int32_t, uint8_t, uint64_t

cdef enum:
    SIDE = 32    # the largest MCU


cdef struct Pen:
    const float *strokes    # (count, 4): x0, y0, x1, y1, integers at pixel centres
    Py_ssize_t count
    float radius
    const float *colour     # one level a component, 0..255


cdef inline float distance(const float *stroke, float x, float y) noexcept nogil:
    cdef float dx = stroke[2] - stroke[0], dy = stroke[3] - stroke[1]
    cdef float px = x - stroke[0], py = y - stroke[1]
    cdef float length = dx * dx + dy * dy
    cdef float t = (px * dx + py * dy) / length if length > 0 else 0
    t = 0 if t < 0 else 1 if t > 1 else t
    px -= t * dx
    py -= t * dy
    return sqrtf(px * px + py * py)


cdef inline bint cover(const Pen *pen, int left, int top, int width, int height, float *share) noexcept nogil:
    # How much of each pixel of a rectangle the strokes cover, 0..1, rows of SIDE; whether anything.
    cdef float reach = pen.radius + 0.5
    cdef float middle_x = left + 0.5 * (width - 1), middle_y = top + 0.5 * (height - 1)
    cdef float around = reach + 0.5 * sqrtf(<float>(width * width + height * height))
    cdef float this
    cdef bint any = False
    cdef Py_ssize_t k
    cdef int x, y
    for y in range(height):
        for x in range(width):
            share[y * SIDE + x] = 0
    for k in range(pen.count):
        if distance(pen.strokes + 4 * k, middle_x, middle_y) > around:
            continue
        for y in range(height):
            for x in range(width):
                this = reach - distance(pen.strokes + 4 * k, <float>(left + x), <float>(top + y))
                if this > 0:
                    any = True
                    this = 1 if this > 1 else this
                    if this > share[y * SIDE + x]:
                        share[y * SIDE + x] = this
    return any


cdef inline bint thin(
    const float *share, int left, int top, int step_x, int step_y, float *block
) noexcept nogil:
    # The mean share of each pixel of an 8x8 block whose pixels are `step` wide and high; whether anything.
    cdef float total, all = 0
    cdef int x, y, i, j
    for y in range(8):
        for x in range(8):
            total = 0
            for j in range(step_y):
                for i in range(step_x):
                    total += share[(top + y * step_y + j) * SIDE + left + x * step_x + i]
            block[y * 8 + x] = total / (step_x * step_y)
            all += total
    return all > 0


cdef inline void blend(
    int16_t *block, uint64_t *filled, const uint8_t *places, const float *quant, const float *share, float level
) noexcept nogil:
    # Mix a level into a block of quantised coefficients, which lie in natural order.
    cdef float coefficients[64]
    cdef float pixels[64]
    cdef int n, k, number, limit
    cdef uint64_t mask = 0
    for n in range(64):
        coefficients[n] = block[n] * quant[n]
    inverse(coefficients, pixels)
    for n in range(64):
        pixels[n] += share[n] * (level - 128 - pixels[n])
    forward(pixels, coefficients)
    for k in range(64):
        n = places[k]
        number = <int>lrintf(coefficients[n] / quant[n])
        # What baseline can say; an 8-bit picture goes beyond it by rounding only.
        limit = 1023
        number = -limit if number < -limit else limit if number > limit else number
        block[n] = <int16_t>number
        if number and k:
            mask |= <uint64_t>1 << k
    filled[0] = mask


cdef inline void draw(
    int16_t **blocks, uint64_t **filled, const Pen *pen, const int32_t[:, ::1] sampling,
    const float[:, ::1] quants, const uint8_t *places, int left, int top, int width, int height,
) noexcept nogil:
    # Draw on one MCU, whose top left pixel is given, in the order of its blocks.
    cdef float share[SIDE * SIDE]
    cdef float block[64]
    cdef int c, bx, by, step_x, step_y, k = 0
    if not cover(pen, left, top, width, height, share):
        return
    for c in range(<int>sampling.shape[0]):
        step_x = width // (8 * sampling[c, 0])
        step_y = height // (8 * sampling[c, 1])
        for by in range(sampling[c, 1]):
            for bx in range(sampling[c, 0]):
                if thin(share, bx * 8 * step_x, by * 8 * step_y, step_x, step_y, block):
                    blend(blocks[k], filled[k], places, &quants[c, 0], block, pen.colour[c])
                k += 1
