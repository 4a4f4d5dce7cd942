# Straight strokes with soft edges, drawn into the blocks of one MCU.

from imgcore.kernels._dct cimport forward, inverse
from libc.math cimport sqrtf
from libc.stdint cimport int16_t, int32_t, uint8_t, uint64_t
from libc.string cimport memset

cdef extern from *:
    """
    #define GAOPAI_ROUNDER 12582912.0f  /* 1.5 * 2**23 */
    """
    const float ROUNDER "GAOPAI_ROUNDER"

cdef enum:
    SIDE = 32    # the largest MCU
    LIMIT = 1023


cdef struct Pen:
    const float *strokes    # (count, 4): x0, y0, x1, y1, integers at pixel centres
    Py_ssize_t count
    float radius
    const float *colour     # one level a component, 0..255


cdef struct Stroke:
    float x
    float y
    float dx
    float dy
    float inverse    # 1 / length squared; 0 for a point


cdef inline Stroke stroke_of(const float *ends) noexcept nogil:
    cdef Stroke stroke
    stroke.x = ends[0]
    stroke.y = ends[1]
    stroke.dx = ends[2] - ends[0]
    stroke.dy = ends[3] - ends[1]
    cdef float length = stroke.dx * stroke.dx + stroke.dy * stroke.dy
    stroke.inverse = 1 / length if length > 0 else 0
    return stroke


cdef inline float distance(const Stroke *stroke, float x, float y) noexcept nogil:
    # Squared: the root is drawn only where it matters.
    cdef float px = x - stroke.x, py = y - stroke.y
    cdef float t = (px * stroke.dx + py * stroke.dy) * stroke.inverse
    t = 0 if t < 0 else 1 if t > 1 else t
    px -= t * stroke.dx
    py -= t * stroke.dy
    return px * px + py * py


cdef inline bint cover(const Pen *pen, int left, int top, int width, int height, float *share) noexcept nogil:
    # How much of each pixel of a rectangle the strokes cover, 0..1, rows of SIDE; whether anything.
    cdef float reach = pen.radius + 0.5
    cdef float middle_x = left + 0.5 * (width - 1), middle_y = top + 0.5 * (height - 1)
    cdef float around = reach + 0.5 * sqrtf(<float>(width * width + height * height))
    cdef Stroke stroke
    cdef bint any = False
    cdef Py_ssize_t k
    cdef int y
    for y in range(height):
        memset(share + y * SIDE, 0, width * sizeof(float))
    for k in range(pen.count):
        stroke = stroke_of(pen.strokes + 4 * k)
        if distance(&stroke, middle_x, middle_y) > around * around:
            continue
        for y in range(height):
            any |= cover_row(&stroke, reach, <float>left, <float>(top + y), width, share + y * SIDE)
    return any


cdef inline bint cover_row(
    const Stroke *stroke, float reach, float x, float y, int width, float *share
) noexcept nogil:
    cdef float squares[SIDE]
    cdef float this
    cdef bint any = False
    cdef int i
    # In a loop of its own, which the compiler makes vectors of.
    for i in range(width):
        squares[i] = distance(stroke, x + i, y)
    for i in range(width):
        if squares[i] < reach * reach:
            any = True
            this = reach - sqrtf(squares[i])
            this = 1 if this > 1 else this
            share[i] = this if this > share[i] else share[i]
    return any


cdef inline bint thin(
    const float *share, int left, int top, int step_x, int step_y, float *block
) noexcept nogil:
    # The mean share of each pixel of an 8x8 block, column by column, whose pixels are `step` wide and high;
    # whether anything.
    cdef float total, all = 0, part = 1.0 / (step_x * step_y)
    cdef const float *corner = share + top * SIDE + left
    cdef int x, y, i, j
    for y in range(8):
        for x in range(8):
            total = corner[y * step_y * SIDE + x * step_x]
            if part < 1:
                for j in range(step_y):
                    for i in range(j == 0, step_x):
                        total += corner[(y * step_y + j) * SIDE + x * step_x + i]
            block[x * 8 + y] = total * part
            all += total
    return all > 0


cdef inline void blend(
    int16_t *block, uint64_t *filled, const uint8_t *places, const float *quant, const float *share, float level
) noexcept nogil:
    # Mix a level into a block of quantised coefficients, which lie in natural order.
    cdef float coefficients[64]
    cdef float pixels[64]
    cdef float number
    cdef int n, k
    cdef uint64_t mask = 0
    for n in range(64):
        coefficients[n] = block[n] * quant[n]
    inverse(coefficients, pixels)
    for n in range(64):
        pixels[n] += share[n] * (level - 128 - pixels[n])
    forward(pixels, coefficients)
    for n in range(64):
        number = coefficients[n] / quant[n]
        # What baseline can say; an 8-bit picture goes beyond it by rounding only.
        number = -LIMIT if number < -LIMIT else LIMIT if number > LIMIT else number
        # A float beyond 2**23 has no fraction: this rounds to even as `lrintf` does, but in vectors.
        block[n] = <int16_t>((number + ROUNDER) - ROUNDER)
    for k in range(1, 64):
        mask |= <uint64_t>(block[places[k]] != 0) << k
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
