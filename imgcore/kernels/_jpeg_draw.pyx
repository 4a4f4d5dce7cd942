"""Strokes drawn into entropy-coded data; ``jpeg_draw`` documents the functions."""

from libc.math cimport floorf
from libc.stdint cimport int16_t, int32_t, int64_t, uint8_t, uint32_t, uint64_t
from libc.string cimport memset

from imgcore.kernels._bits cimport PADDING, Reader, Writer, close_byte, copy_bits, seek, tell
from imgcore.kernels._codes cimport Codes, codes_of, pass_rest, read_ac, read_dc, write_ac, write_dc
from imgcore.kernels._strokes cimport SIDE, Pen, blend, cover, thin

cdef enum:
    COMPONENTS = 4


cdef struct Plane:
    int h
    int v
    int step_x    # pixels of the picture in one of the plane
    int step_y
    const float *quant
    Codes codes


def jpeg_mark(const float[:, ::1] strokes, float radius, int width, int height, uint8_t[:, ::1] touched):
    cdef Py_ssize_t k, row, column
    cdef Py_ssize_t down = touched.shape[0], across = touched.shape[1]
    cdef float reach = radius + 1, x0, y0, x1, y1, top, bottom, t0, t1, left, right, swap
    cdef Py_ssize_t first, last, begin, end
    with nogil:
        for k in range(strokes.shape[0]):
            x0, y0, x1, y1 = strokes[k, 0], strokes[k, 1], strokes[k, 2], strokes[k, 3]
            if y0 > y1:
                x0, y0, x1, y1 = x1, y1, x0, y0
            if y1 + reach < 0:
                continue
            first = place(floorf((y0 - reach) / height), down)
            last = place(floorf((y1 + reach) / height), down - 1)
            for row in range(first, last + 1):
                # The part of the stroke that comes near this row of MCUs, and how far it goes sideways.
                top = row * height - reach
                bottom = (row + 1) * height + reach
                t0 = (top - y0) / (y1 - y0) if y1 > y0 and y0 < top else 0
                t1 = (bottom - y0) / (y1 - y0) if y1 > y0 and y1 > bottom else 1
                if t0 > 1 or t1 < 0:
                    continue
                left = x0 + t0 * (x1 - x0)
                right = x0 + t1 * (x1 - x0)
                if left > right:
                    swap = left
                    left = right
                    right = swap
                if right + reach < 0:
                    continue
                begin = place(floorf((left - reach) / width), across)
                end = place(floorf((right + reach) / width), across - 1)
                for column in range(begin, end + 1):
                    touched[row, column] = 1


cdef inline Py_ssize_t place(float at, Py_ssize_t limit) noexcept nogil:
    # Everything outside becomes 0 or `limit`, so that no float is too large for an integer; no number is 0.
    return limit if at > limit else <Py_ssize_t>at if at > 0 else 0


def jpeg_draw(
    const uint8_t[::1] clean,
    const int64_t[::1] ends,
    const uint32_t[::1] bits,
    const int16_t[:, ::1] dcs,
    layout,
    const uint8_t[::1] places,
    const uint8_t[:, ::1] touched,
    const float[:, ::1] strokes,
    float radius,
    const float[::1] colour,
    uint8_t[::1] edited,
    int64_t[::1] edited_ends,
):
    cdef const float[:, ::1] quants = layout.quants
    cdef const int32_t[:, ::1] sampling = layout.sampling
    cdef Plane planes[COMPONENTS]
    cdef int before[COMPONENTS]
    cdef int dc[COMPONENTS]
    cdef float share[SIDE * SIDE]
    cdef Py_ssize_t components = sampling.shape[0]
    cdef Py_ssize_t across = touched.shape[1], total = touched.shape[0] * touched.shape[1]
    cdef Py_ssize_t interval = layout.interval or total
    cdef Py_ssize_t mcu, stop, run, segment, c
    cdef int width, height, status = 0
    cdef bint changed, covered
    cdef const uint8_t *flags = &touched[0, 0]
    cdef Pen pen
    cdef Reader reader
    cdef Writer writer
    if bits.shape[0] < total + 1 or dcs.shape[0] < total + 1 or dcs.shape[1] < components:
        raise ValueError("the index is too small")
    if edited_ends.shape[0] < (total + interval - 1) // interval or colour.shape[0] < components:
        raise ValueError("there are too few ends or colours")
    width, height = layout.mcu
    pen.strokes = &strokes[0, 0] if strokes.shape[0] else NULL
    pen.count = strokes.shape[0]
    pen.radius = radius
    pen.colour = &colour[0]
    for c in range(components):
        planes[c].h, planes[c].v = sampling[c, 0], sampling[c, 1]
        planes[c].step_x, planes[c].step_y = width // (8 * sampling[c, 0]), height // (8 * sampling[c, 1])
        planes[c].quant = &quants[c, 0]
        planes[c].codes = codes_of(layout.sets, sampling[c, 2])
    with nogil:
        reader.base = &clean[0]
        writer.base = writer.next = &edited[0]
        writer.acc = 0
        writer.used = 0
        mcu = segment = 0
        while mcu < total and status == 0:
            stop = min(mcu + interval, total)
            changed = False
            while mcu < stop:
                if not flags[mcu] and not changed:
                    run = mcu + 1
                    while run < stop and not flags[run]:
                        run += 1
                    if room(&writer, edited) < (bits[run] - bits[mcu]) // 8 + PADDING:
                        status = 1
                        break
                    # The last MCU of an interval ends where its padding begins, not where the next begins.
                    if run == stop and run < total:
                        seek(&reader, bits[run - 1])
                        copy_bits(&writer, &clean[0], bits[mcu], bits[run - 1])
                        mcu = run - 1
                        changed = True
                        for c in range(components):
                            before[c] = dcs[mcu, c]
                        continue
                    copy_bits(&writer, &clean[0], bits[mcu], bits[run])
                    mcu = run
                    continue
                if room(&writer, edited) < PADDING:
                    status = 1
                    break
                if not changed:
                    for c in range(components):
                        before[c] = dcs[mcu, c]
                seek(&reader, bits[mcu])
                for c in range(components):
                    dc[c] = dcs[mcu, c]
                covered = flags[mcu] and cover(
                    &pen, <int>(mcu % across) * width, <int>(mcu // across) * height, width, height, share
                )
                status = redraw(
                    &reader, &writer, planes, components, &places[0], pen.colour, share if covered else NULL,
                    dc, before,
                )
                if status:
                    break
                changed = False
                for c in range(components):
                    changed |= before[c] != dc[c]
                mcu += 1
            close_byte(&writer)
            edited_ends[segment] = writer.next - writer.base
            segment += 1
    return status, segment


cdef inline Py_ssize_t room(const Writer *writer, const uint8_t[::1] edited) noexcept nogil:
    return edited.shape[0] - (writer.next - writer.base)


cdef inline int redraw(
    Reader *reader, Writer *writer, const Plane *planes, Py_ssize_t count, const uint8_t *places,
    const float *colour, const float *share, int *dc, int *before,
) noexcept nogil:
    # One MCU written again, with the shares of its pixels drawn where there are any; the status of `jpeg_draw`.
    cdef int16_t block[64]
    cdef float part[64]
    cdef uint64_t filled
    cdef const Plane *plane
    cdef Py_ssize_t c
    cdef int64_t begin
    cdef int k, change, left, top
    cdef bint drawn
    for c in range(count):
        plane = &planes[c]
        for k in range(plane.h * plane.v):
            if read_dc(reader, &plane.codes, &change) < 0:
                return 2
            dc[c] += change
            if dc[c] < -2047 or dc[c] > 2047:
                return 2
            left, top = k % plane.h * 8 * plane.step_x, k // plane.h * 8 * plane.step_y
            drawn = share != NULL and thin(share, left, top, plane.step_x, plane.step_y, part)
            memset(block, 0, sizeof(block))
            block[0] = <int16_t>dc[c]
            if drawn:
                if read_ac(reader, &plane.codes, places, block, &filled) < 0:
                    return 2
                blend(block, &filled, places, plane.quant, part, colour[c])
            if write_dc(writer, &plane.codes, block[0] - before[c]) < 0:
                return 3
            before[c] = block[0]
            if drawn:
                if write_ac(writer, &plane.codes, places, block, filled) < 0:
                    return 3
                continue
            begin = tell(reader)
            if pass_rest(reader, &plane.codes, 1) < 0:
                return 2
            copy_bits(writer, reader.base, begin, tell(reader))
    return 0
