# Straight strokes with soft edges, drawn into the blocks of one MCU.

from imgcore.kernels._dct cimport forward, inverse
from libc.math cimport sqrtf
from libc.stdint cimport int16_t, int32_t, uint8_t, uint64_t
from libc.string cimport memset

cdef extern from *:
    """
    #define GAOPAI_ROUNDER 12582912.0f  /* 1.5 * 2**23 */
    #define GAOPAI_LIMIT 1023.0f
    """
    const float ROUNDER "GAOPAI_ROUNDER"
    const float LIMIT "GAOPAI_LIMIT"

cdef enum:
    SIDE = 32    # the largest MCU


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
    # Shares of each pixel of an MCU that strokes cover, 0..1, columns of SIDE; 1 if any may cover something.
    cdef float reach = pen.radius + 0.5
    cdef float middle_x = left + 0.5 * (width - 1), middle_y = top + 0.5 * (height - 1)
    cdef float around = reach + 0.5 * sqrtf(<float>(width * width + height * height))
    cdef Stroke stroke
    cdef bint near = False
    cdef Py_ssize_t k
    cdef int x, y
    for x in range(width):
        memset(share + x * SIDE, 0, height * sizeof(float))
    for k in range(pen.count):
        stroke = stroke_of(pen.strokes + 4 * k)
        if distance(&stroke, middle_x, middle_y) > around * around:
            continue
        near = True
        for x in range(width):
            for y in range(0, height, 8):
                cover_eight(&stroke, reach, <float>(left + x), <float>(top + y), share + x * SIDE + y)
    return near


cdef inline void cover_eight(const Stroke *stroke, float reach, float x, float y, float *share) noexcept nogil:
    # Eight pixels of a column, without a branch: the compiler makes vectors of them.
    cdef float square, this
    cdef int i
    for i in range(8):
        square = distance(stroke, x, y + i)
        this = reach - sqrtf(square)
        this = 1 if this > 1 else this
        this = this if square < reach * reach else 0
        share[i] = this if this > share[i] else share[i]


cdef inline bint thin(
    const float *share, int left, int top, int step_x, int step_y, float *block
) noexcept nogil:
    # The mean share of each pixel of an 8x8 block, column by column, whose pixels are `step` wide and high;
    # whether anything.
    cdef float all[8]
    cdef float sums[8]
    cdef float part = 1.0 / (step_x * step_y)
    cdef const float *column = share + left * SIDE + top
    cdef int x, y, i, j
    for y in range(8):
        all[y] = 0
    for x in range(8):
        for y in range(8):
            sums[y] = 0
        for j in range(step_y):
            for i in range(step_x):
                # With no step between them, as nearly always, the terms are two vectors.
                if step_y == 1:
                    for y in range(8):
                        sums[y] += column[i * SIDE + y]
                else:
                    for y in range(8):
                        sums[y] += column[i * SIDE + j + y * step_y]
        for y in range(8):
            sums[y] *= part
            all[y] += sums[y]
            block[x * 8 + y] = sums[y]
        column += step_x * SIDE
    return all[0] + all[1] + all[2] + all[3] + all[4] + all[5] + all[6] + all[7] > 0


cdef inline void blend(
    int16_t *block, uint64_t *filled, const uint8_t *places, const float *quant, const float *share, float level
) noexcept nogil:
    # Mix a level into a block of quantised coefficients, which lie in natural order.
    cdef float coefficients[64]
    cdef float pixels[64]
    cdef float number
    cdef int n
    for n in range(64):
        coefficients[n] = block[n] * quant[n]
    inverse(coefficients, pixels)
    for n in range(64):
        pixels[n] += share[n] * (level - 128 - pixels[n])
    forward(pixels, coefficients)
    for n in range(64):
        number = coefficients[n] / quant[n]
        # What baseline can say; an 8-bit picture goes beyond it by rounding only.
        number = -LIMIT if number < -LIMIT else number
        number = LIMIT if number > LIMIT else number
        # A float beyond 2**23 has no fraction: this rounds to even as `lrintf` does, but in vectors.
        block[n] = <int16_t>((number + ROUNDER) - ROUNDER)
    filled[0] = filled_of(block, places)


cdef inline uint64_t filled_of(const int16_t *block, const uint8_t *places) noexcept nogil:
    # A bit for each number in the stream, but for 0, of a coefficient that is not zero.
    cdef uint8_t flags[64]
    cdef uint64_t mask = 0
    cdef int n, k
    for n in range(64):
        flags[n] = block[n] != 0
    for k in range(1, 64):
        mask |= <uint64_t>flags[places[k]] << k
    return mask
