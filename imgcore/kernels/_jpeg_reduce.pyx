"""A JPEG at a half or a quarter of its size; ``jpeg_reduce`` documents the function."""

from libc.stdint cimport int16_t, int32_t, int64_t, uint8_t
from libc.string cimport memset

from imgcore.kernels._bits cimport Reader, seek, tell
from imgcore.kernels._codes cimport Codes, codes_of, read_dc, read_low

cdef enum:
    COMPONENTS = 4
    BLOCKS = 10

cdef extern from *:
    """
    /* c(u) cos((2 x + 1) u pi / 2 n): c(0) = sqrt(1/8), otherwise 1/2, whatever n: the coefficients are of 8 x 8. */
    #define GAOPAI_MEAN 0.35355339f
    static const float gaopai_two = 0.35355339f;                      /* n = 2: u = 1 at x = 0 */
    static const float gaopai_four[2] = {0.46193977f, 0.19134172f};   /* n = 4: u = 1 and 3 at x = 0 and 1 */
    """
    const float GAOPAI_MEAN
    const float gaopai_two
    const float[2] gaopai_four


cdef struct Plane:
    uint8_t *pixels
    Py_ssize_t stride
    int h                # blocks in an MCU
    int v


def jpeg_reduce(
    const uint8_t[::1] clean,
    const int64_t[::1] ends,
    layout,
    const uint8_t[::1] places,
    int side,
    planes,
):
    cdef const uint8_t[::1] kinds = layout.blocks
    cdef const int32_t[:, ::1] sampling = layout.sampling
    cdef const float[:, ::1] quants = layout.quants
    cdef Codes codes[COMPONENTS]
    cdef Plane targets[COMPONENTS]
    cdef uint8_t[:, ::1] plane
    cdef int across, down, last, components = <int>sampling.shape[0]
    cdef Py_ssize_t c, interval = layout.interval, read
    across, down = layout.mcus
    if side not in (2, 4):
        raise ValueError("a block becomes 2 or 4 pixels wide")
    if len(planes) != components:
        raise ValueError("there is not one plane for each component")
    for c, plane in enumerate(planes):
        if plane.shape[0] < down * sampling[c, 1] * side or plane.shape[1] < across * sampling[c, 0] * side:
            raise ValueError("a plane is too small")
        codes[c] = codes_of(layout.sets, sampling[c, 2])
        targets[c].pixels = &plane[0, 0]
        targets[c].stride = plane.shape[1]
        targets[c].h = sampling[c, 0]
        targets[c].v = sampling[c, 1]
    # The last coefficient, in the stream, of the upper left corner of a block.
    last = 24 if side == 4 else 4
    with nogil:
        read = reduce_all(
            clean, ends, codes, kinds, targets, across, down, interval, &places[0], quants, side, last
        )
    return read


cdef Py_ssize_t reduce_all(
    const uint8_t[::1] clean, const int64_t[::1] ends, const Codes *codes, const uint8_t[::1] kinds,
    const Plane *planes, int across, int down, Py_ssize_t interval, const uint8_t *places,
    const float[:, ::1] quants, int side, int last,
) noexcept nogil:
    cdef Reader reader
    cdef int16_t block[64]
    cdef int dc[COMPONENTS]
    cdef int seen[COMPONENTS]
    cdef int change, number, filled
    cdef Py_ssize_t row, column, k, c, mcu = 0, segment = 0
    cdef int64_t end = ends[0] * 8
    cdef uint8_t *target
    reader.base = &clean[0]
    seek(&reader, 0)
    memset(dc, 0, sizeof(dc))
    for row in range(down):
        for column in range(across):
            if interval and mcu and mcu % interval == 0:
                segment += 1
                if segment >= ends.shape[0]:
                    return mcu
                seek(&reader, ends[segment - 1] * 8)
                end = ends[segment] * 8
                memset(dc, 0, sizeof(dc))
            memset(seen, 0, sizeof(seen))
            for k in range(kinds.shape[0]):
                c = kinds[k]
                number = seen[c]
                seen[c] += 1
                if read_dc(&reader, &codes[c], &change) < 0:
                    return mcu
                dc[c] += change
                if dc[c] < -2047 or dc[c] > 2047:
                    return mcu
                memset(block, 0, sizeof(block))
                block[0] = <int16_t>dc[c]
                filled = 0
                if read_low(&reader, &codes[c], places, last, block, &filled) < 0:
                    return mcu
                target = planes[c].pixels + (
                    (row * planes[c].v + number // planes[c].h) * planes[c].stride
                    + column * planes[c].h + number % planes[c].h
                ) * side
                if not filled:
                    fill(target, planes[c].stride, side, level(GAOPAI_MEAN * GAOPAI_MEAN * block[0] * quants[c, 0]))
                elif side == 4:
                    inverse_four(block, &quants[c, 0], target, planes[c].stride)
                else:
                    inverse_two(block, &quants[c, 0], target, planes[c].stride)
            # What was read past the interval's end was not there.
            if tell(&reader) > end:
                return mcu
            mcu += 1
    return mcu


cdef inline uint8_t level(float value) noexcept nogil:
    cdef float shifted = value + 128.5
    return <uint8_t>(0 if shifted < 0 else 255 if shifted > 255 else shifted)


cdef inline void fill(uint8_t *target, Py_ssize_t stride, int side, uint8_t value) noexcept nogil:
    cdef int y
    for y in range(side):
        memset(target + y * stride, value, side)


cdef inline void inverse_two(const int16_t *block, const float *quant, uint8_t *target, Py_ssize_t stride) noexcept nogil:
    cdef float mean = GAOPAI_MEAN * GAOPAI_MEAN * block[0] * quant[0]
    cdef float across = GAOPAI_MEAN * gaopai_two * block[1] * quant[1]
    cdef float down = GAOPAI_MEAN * gaopai_two * block[8] * quant[8]
    cdef float both = gaopai_two * gaopai_two * block[9] * quant[9]
    target[0] = level(mean + across + down + both)
    target[1] = level(mean - across + down - both)
    target[stride] = level(mean + across - down - both)
    target[stride + 1] = level(mean - across - down + both)


cdef inline void inverse_four(const int16_t *block, const float *quant, uint8_t *target, Py_ssize_t stride) noexcept nogil:
    cdef float rows[16]
    cdef float one[16]
    cdef float two[16]
    cdef int v, u
    for v in range(4):
        for u in range(4):
            rows[v * 4 + u] = block[v * 8 + u] * quant[v * 8 + u]
    columns_four(rows, one)
    for v in range(4):
        for u in range(4):
            two[u * 4 + v] = one[v * 4 + u]
    columns_four(two, one)
    for v in range(4):
        for u in range(4):
            target[v * stride + u] = level(one[u * 4 + v])


cdef inline void columns_four(const float *source, float *target) noexcept nogil:
    # All columns at once, which the compiler makes vectors of.
    cdef float first, second, inner, outer
    cdef int c
    for c in range(4):
        first = GAOPAI_MEAN * source[c] + GAOPAI_MEAN * source[8 + c]
        second = GAOPAI_MEAN * source[c] - GAOPAI_MEAN * source[8 + c]
        outer = gaopai_four[0] * source[4 + c] + gaopai_four[1] * source[12 + c]
        inner = gaopai_four[1] * source[4 + c] - gaopai_four[0] * source[12 + c]
        target[c] = first + outer
        target[12 + c] = first - outer
        target[4 + c] = second + inner
        target[8 + c] = second - inner
