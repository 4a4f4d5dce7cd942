"""A JPEG turned by its coefficients; ``jpeg_turn`` says what the function means."""

from libc.stdint cimport int8_t, int16_t, int32_t, int64_t, uint8_t, uint32_t, uint64_t
from libc.string cimport memset

from imgcore.kernels._bits cimport PADDING, Reader, Writer, close_byte, refill, seek, tell
from imgcore.kernels._codes cimport Codes, codes_of, next_code, read_dc, write_ac, write_dc
from imgcore.kernels._strokes cimport Pen, draw

cdef enum:
    COMPONENTS = 4
    BLOCKS = 10


cdef struct Plane:
    Py_ssize_t first     # number of its first block
    Py_ssize_t rows      # of the turned picture, in blocks
    Py_ssize_t columns
    int h                # blocks in a turned MCU
    int v


def jpeg_turn(
    const uint8_t[::1] clean,
    const int64_t[::1] ends,
    source,
    target,
    int clockwise,
    const uint8_t[::1] places,
    const uint8_t[::1] turned,
    const uint8_t[::1] order,
    const int8_t[::1] signs,
    const uint8_t[:, ::1] touched,
    const float[:, ::1] strokes,
    float radius,
    const float[::1] colour,
    int16_t[:, ::1] blocks,
    uint64_t[::1] filled,
    uint8_t[::1] edited,
):
    cdef const uint8_t[::1] kinds = source.blocks
    cdef const int32_t[:, ::1] before = source.sampling
    cdef const int32_t[:, ::1] after = target.sampling
    cdef const float[:, ::1] quants = target.quants
    cdef Codes codes[COMPONENTS]
    cdef Plane planes[COMPONENTS]
    cdef Py_ssize_t c, first = 0, components = before.shape[0], interval = source.interval
    cdef int across, down, width, height, status
    cdef Pen pen
    cdef Writer writer
    across, down = target.mcus
    width, height = target.mcu
    for c in range(components):
        codes[c] = codes_of(source.sets, before[c, 2])
        planes[c].first = first
        planes[c].rows = <Py_ssize_t>down * after[c, 1]
        planes[c].columns = <Py_ssize_t>across * after[c, 0]
        planes[c].h = after[c, 0]
        planes[c].v = after[c, 1]
        first += planes[c].rows * planes[c].columns
    if blocks.shape[0] < first or blocks.shape[1] != 64 or filled.shape[0] < first:
        raise ValueError("the block buffer is too small")
    pen.strokes = &strokes[0, 0] if strokes.shape[0] else NULL
    pen.count = strokes.shape[0]
    pen.radius = radius
    pen.colour = &colour[0]
    across, down = source.mcus
    with nogil:
        status = read_all(
            clean, ends, codes, kinds, before, planes, across, down, interval, clockwise,
            turned, order, signs, blocks, filled,
        )
    if status:
        return status, 0
    across, down = target.mcus
    writer.base = writer.next = &edited[0]
    writer.acc = 0
    writer.used = 0
    with nogil:
        status = write_all(
            &writer, edited.shape[0], codes, planes, components, across, down, &pen, touched, after, quants,
            width, height, &places[0], blocks, filled,
        )
        close_byte(&writer)
    return status, writer.next - writer.base


cdef inline Py_ssize_t landing(const Plane *plane, Py_ssize_t row, Py_ssize_t column, int clockwise) noexcept nogil:
    # The number of the turned block that a block of the source becomes.
    if clockwise == 90:
        return plane.first + column * plane.columns + plane.columns - 1 - row
    if clockwise == 180:
        return plane.first + (plane.rows - 1 - row) * plane.columns + plane.columns - 1 - column
    return plane.first + (plane.rows - 1 - column) * plane.columns + row


cdef int read_all(
    const uint8_t[::1] clean, const int64_t[::1] ends, const Codes *codes, const uint8_t[::1] kinds,
    const int32_t[:, ::1] sampling, const Plane *planes, int across, int down, Py_ssize_t interval,
    int clockwise, const uint8_t[::1] turned, const uint8_t[::1] order, const int8_t[::1] signs,
    int16_t[:, ::1] blocks, uint64_t[::1] filled,
) noexcept nogil:
    cdef Reader reader
    cdef int dc[COMPONENTS]
    cdef int change, c, h, number
    cdef Py_ssize_t row, column, k, mcu = 0, segment = 0, at
    cdef int seen[COMPONENTS]
    cdef int64_t end = ends[0] * 8
    reader.base = &clean[0]
    seek(&reader, 0)
    memset(dc, 0, sizeof(dc))
    for row in range(down):
        for column in range(across):
            if interval and mcu and mcu % interval == 0:
                segment += 1
                if segment >= ends.shape[0]:
                    return 2
                seek(&reader, ends[segment - 1] * 8)
                end = ends[segment] * 8
                memset(dc, 0, sizeof(dc))
            memset(seen, 0, sizeof(seen))
            for k in range(kinds.shape[0]):
                c = kinds[k]
                h = sampling[c, 0]
                number = seen[c]
                seen[c] += 1
                at = landing(
                    &planes[c], row * sampling[c, 1] + number // h, column * h + number % h, clockwise
                )
                if read_dc(&reader, &codes[c], &change) < 0:
                    return 2
                dc[c] += change
                if dc[c] < -2047 or dc[c] > 2047:
                    return 2
                memset(&blocks[at, 0], 0, 128)
                blocks[at, 0] = <int16_t>dc[c]
                if read_turned(
                    &reader, &codes[c], &turned[0], &order[0], &signs[0], &blocks[at, 0], &filled[at]
                ) < 0:
                    return 2
            if tell(&reader) > end:
                return 2
            mcu += 1
    return 0


cdef inline int read_turned(
    Reader *reader, const Codes *codes, const uint8_t *turned, const uint8_t *order, const int8_t *signs,
    int16_t *block, uint64_t *filled,
) noexcept nogil:
    # Like `read_ac`, but coefficient k of the source goes to `turned[k]`, which is `order[k]` in the turned
    # stream, with the sign it has there.
    cdef int k = 1, symbol, number
    cdef uint64_t mask = 0
    while k < 64:
        if reader.have < 32:
            refill(reader)
        symbol = next_code(reader, codes.ac, codes, 1, &number)
        if symbol & 15 == 0 or symbol < 0:
            if symbol == 0:
                break
            if symbol != 0xF0:
                return -1
            k += 16
            continue
        k += symbol >> 4
        if k > 63:
            return -1
        block[turned[k]] = <int16_t>(number * signs[k])
        mask |= <uint64_t>1 << order[k]
        k += 1
    filled[0] = mask
    return 0 if k <= 64 else -1


cdef int write_all(
    Writer *writer, Py_ssize_t size, const Codes *codes, const Plane *planes, Py_ssize_t components,
    int across, int down, const Pen *pen, const uint8_t[:, ::1] touched, const int32_t[:, ::1] sampling,
    const float[:, ::1] quants, int width, int height, const uint8_t *places,
    int16_t[:, ::1] blocks, uint64_t[::1] filled,
) noexcept nogil:
    cdef int16_t *here[BLOCKS]
    cdef uint64_t *masks[BLOCKS]
    cdef int kinds[BLOCKS]
    cdef int before[COMPONENTS]
    cdef Py_ssize_t row, column, c, at
    cdef int x, y, k, count
    memset(before, 0, sizeof(before))
    for row in range(down):
        for column in range(across):
            count = 0
            for c in range(components):
                for y in range(planes[c].v):
                    at = planes[c].first + (row * planes[c].v + y) * planes[c].columns + column * planes[c].h
                    for x in range(planes[c].h):
                        here[count] = &blocks[at + x, 0]
                        masks[count] = &filled[at + x]
                        kinds[count] = <int>c
                        count += 1
            if touched[row, column]:
                draw(
                    here, masks, pen, sampling, quants, places,
                    <int>column * width, <int>row * height, width, height,
                )
            if size - (writer.next - writer.base) < PADDING:
                return 1
            for k in range(count):
                c = kinds[k]
                if write_dc(writer, &codes[c], here[k][0] - before[c]) < 0:
                    return 3
                before[c] = here[k][0]
                if write_ac(writer, &codes[c], places, here[k], masks[k][0]) < 0:
                    return 3
    return 0
