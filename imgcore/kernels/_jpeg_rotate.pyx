"""Lossless rotation of a JPEG; ``jpeg_rotate`` documents the function.

How AC codes are written depends on their own block only. So each block is written anew, turned in
itself, as soon as it is read, into a pool that is no longer than the frame; then the blocks are
taken from there in their new order, behind new DC codes. Nothing as large as the picture is kept.
"""

from libc.stdint cimport int8_t, int16_t, int32_t, int64_t, uint8_t, uint32_t, uint64_t
from libc.string cimport memset

from imgcore.kernels._bits cimport (
    PADDING, Reader, Writer, close_byte, copy_bits, ctz64, flush_bytes, put, refill, seek, tell, written,
)
from imgcore.kernels._codes cimport Codes, codes_of, next_code, read_ac, read_dc, write_ac, write_dc
from imgcore.kernels._strokes cimport SIDE, Pen, blend, cover, thin

cdef enum:
    COMPONENTS = 4


cdef struct Turn:
    int clockwise
    const uint8_t *order     # by a coefficient's number in the stream: its number in the turned stream
    const int8_t *signs      # and its sign there
    const uint8_t *places    # and the place in a block of the number in the turned stream


cdef struct Plane:
    Py_ssize_t first     # number of its first block
    Py_ssize_t rows      # of the turned picture, in blocks
    Py_ssize_t columns
    int h                # blocks in a turned MCU
    int v


cdef struct Entry:
    uint32_t start       # in bits of the pool
    uint32_t length
    int dc


def jpeg_rotate(
    const uint8_t[::1] clean,
    const int64_t[::1] ends,
    source,
    target,
    int clockwise,
    const uint8_t[::1] places,
    const uint8_t[::1] order,
    const int8_t[::1] signs,
    const uint8_t[:, ::1] touched,
    const float[:, ::1] strokes,
    float radius,
    const float[::1] colour,
    uint32_t[:, ::1] entries,
    uint8_t[::1] pool,
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
    cdef Turn turn
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
    if entries.shape[0] < first or entries.shape[1] != 2 or touched.shape[0] < down or touched.shape[1] < across:
        raise ValueError("there are too few entries or flags")
    turn.clockwise = clockwise
    turn.order = &order[0]
    turn.signs = &signs[0]
    turn.places = &places[0]
    pen.strokes = &strokes[0, 0] if strokes.shape[0] else NULL
    pen.count = strokes.shape[0]
    pen.radius = radius
    pen.colour = &colour[0]
    across, down = source.mcus
    with nogil:
        status = read_all(
            clean, ends, codes, kinds, before, planes, across, down, interval, &turn, entries, pool
        )
    if status:
        return status, 0
    across, down = target.mcus
    writer.base = writer.next = &edited[0]
    writer.acc = 0
    writer.used = 0
    with nogil:
        status = write_all(
            &writer, edited.shape[0], codes, planes, components, across, down, &pen, touched, quants, width,
            height, &turn, entries, &pool[0],
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


cdef inline void keep(uint32_t *entry, int64_t start, int64_t end, int dc) noexcept nogil:
    entry[0] = <uint32_t>start
    entry[1] = <uint32_t>(end - start) << 16 | <uint32_t>(dc & 0xFFFF)


cdef inline Entry kept(const uint32_t *entry) noexcept nogil:
    cdef Entry found
    found.start = entry[0]
    found.length = entry[1] >> 16
    found.dc = <int16_t>(entry[1] & 0xFFFF)
    return found


cdef int read_all(
    const uint8_t[::1] clean, const int64_t[::1] ends, const Codes *codes, const uint8_t[::1] kinds,
    const int32_t[:, ::1] sampling, const Plane *planes, int across, int down, Py_ssize_t interval,
    const Turn *turn, uint32_t[:, ::1] entries, uint8_t[::1] pool,
) noexcept nogil:
    cdef Reader reader
    cdef Writer writer
    cdef int dc[COMPONENTS]
    cdef int seen[COMPONENTS]
    cdef int change, c, h, number, status
    cdef Py_ssize_t row, column, k, mcu = 0, segment = 0, at
    cdef int64_t end = ends[0] * 8, start
    reader.base = &clean[0]
    seek(&reader, 0)
    writer.base = writer.next = &pool[0]
    writer.acc = 0
    writer.used = 0
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
            if pool.shape[0] - (writer.next - writer.base) < PADDING:
                return 1
            memset(seen, 0, sizeof(seen))
            for k in range(kinds.shape[0]):
                c = kinds[k]
                h = sampling[c, 0]
                number = seen[c]
                seen[c] += 1
                at = landing(
                    &planes[c], row * sampling[c, 1] + number // h, column * h + number % h, turn.clockwise
                )
                if read_dc(&reader, &codes[c], &change) < 0:
                    return 2
                dc[c] += change
                if dc[c] < -2047 or dc[c] > 2047:
                    return 2
                start = written(&writer)
                status = turn_block(&reader, &writer, &codes[c], turn)
                if status:
                    return status
                keep(&entries[at, 0], start, written(&writer), dc[c])
            if tell(&reader) > end:
                return 2
            mcu += 1
    flush_bytes(&writer)
    return 0


cdef inline int turn_block(Reader *reader, Writer *writer, const Codes *codes, const Turn *turn) noexcept nogil:
    # The AC codes of one block, turned; the status of `jpeg_rotate`.
    cdef uint32_t cells[64]    # by the number in the turned stream: size and bits of the value
    cdef uint64_t mask = 0
    cdef int k = 1, symbol, number, to
    while k < 64:
        if reader.have < 32:
            refill(reader)
        symbol = next_code(reader, codes.ac, codes, 1, &number)
        if symbol & 15 == 0 or symbol < 0:
            if symbol == 0:
                break
            if symbol != 0xF0:
                return 2
            k += 16
            continue
        k += symbol >> 4
        if k > 63:
            return 2
        to = turn.order[k]
        number *= turn.signs[k]
        # A negative value is written as the bits of the number before it.
        cells[to] = <uint32_t>(symbol & 15) | <uint32_t>((number + (number >> 31)) & ((1 << (symbol & 15)) - 1)) << 4
        mask |= <uint64_t>1 << to
        k += 1
    if k > 64:
        return 2
    return write_cells(writer, codes.words + 256, cells, mask)


cdef inline int write_cells(Writer *writer, const uint32_t *words, const uint32_t *cells, uint64_t mask) noexcept nogil:
    cdef int last = 0, k, run, size
    cdef uint32_t word
    while mask:
        k = ctz64(mask)
        mask &= mask - 1
        run = k - last - 1
        last = k
        while run > 15:
            if words[0xF0] == 0:
                return 3
            put(writer, words[0xF0] & 0xFFFF, <int>(words[0xF0] >> 16))
            run -= 16
        size = cells[k] & 15
        word = words[run << 4 | size]
        if word == 0 or size > 10:
            return 3
        put(writer, <uint64_t>(word & 0xFFFF) << size | cells[k] >> 4, <int>(word >> 16) + size)
    if last != 63:
        if words[0] == 0:
            return 3
        put(writer, words[0] & 0xFFFF, <int>(words[0] >> 16))
    return 0


cdef int write_all(
    Writer *writer, Py_ssize_t size, const Codes *codes, const Plane *planes, Py_ssize_t components,
    int across, int down, const Pen *pen, const uint8_t[:, ::1] touched, const float[:, ::1] quants,
    int width, int height, const Turn *turn, const uint32_t[:, ::1] entries, const uint8_t *pool,
) noexcept nogil:
    cdef int16_t block[64]
    cdef float share[SIDE * SIDE]
    cdef float part[64]
    cdef uint64_t filled
    cdef Entry here
    cdef int before[COMPONENTS]
    cdef Py_ssize_t row, column, c, at
    cdef int x, y, step_x, step_y
    cdef bint covered, drawn
    memset(before, 0, sizeof(before))
    for row in range(down):
        for column in range(across):
            if size - (writer.next - writer.base) < PADDING:
                return 1
            covered = touched[row, column] and cover(
                pen, <int>column * width, <int>row * height, width, height, share
            )
            for c in range(components):
                step_x, step_y = width // (8 * planes[c].h), height // (8 * planes[c].v)
                for y in range(planes[c].v):
                    at = planes[c].first + (row * planes[c].v + y) * planes[c].columns + column * planes[c].h
                    for x in range(planes[c].h):
                        here = kept(&entries[at + x, 0])
                        drawn = covered and thin(share, x * 8 * step_x, y * 8 * step_y, step_x, step_y, part)
                        if drawn:
                            if unpack(pool, &here, &codes[c], turn.places, block, &filled) < 0:
                                return 2
                            blend(block, &filled, turn.places, &quants[c, 0], part, pen.colour[c])
                            here.dc = block[0]
                        if write_dc(writer, &codes[c], here.dc - before[c]) < 0:
                            return 3
                        before[c] = here.dc
                        if not drawn:
                            copy_bits(writer, pool, here.start, <int64_t>here.start + here.length)
                        elif write_ac(writer, &codes[c], turn.places, block, filled) < 0:
                            return 3
    return 0


cdef inline int unpack(
    const uint8_t *pool, const Entry *entry, const Codes *codes, const uint8_t *places, int16_t *block,
    uint64_t *filled,
) noexcept nogil:
    cdef Reader reader
    reader.base = pool
    seek(&reader, entry.start)
    memset(block, 0, 128)
    block[0] = <int16_t>entry.dc
    return read_ac(&reader, codes, places, block, filled)
