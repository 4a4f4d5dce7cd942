"""One pass over a JPEG's entropy-coded data; ``jpeg_entropy`` documents the functions."""

from libc.stdint cimport int16_t, int32_t, int64_t, uint8_t, uint32_t
from libc.string cimport memchr, memcpy, memset

from imgcore.kernels._bits cimport PADDING, Reader, seek, tell
from imgcore.kernels._codes cimport Codes, codes_of, pass_block

cdef enum:
    COMPONENTS = 4
    BLOCKS = 10


def jpeg_unstuff(const uint8_t[::1] data, Py_ssize_t start, uint8_t[::1] clean, int64_t[::1] ends):
    cdef const uint8_t *read = &data[0] + start
    cdef const uint8_t *end = &data[0] + data.shape[0]
    cdef const uint8_t *found
    cdef uint8_t *out = &clean[0]
    cdef Py_ssize_t count = 0, limit = ends.shape[0], length
    cdef uint8_t marker
    cdef bint complete = False
    if clean.shape[0] < data.shape[0] - start + PADDING:
        raise ValueError("the clean buffer is too small")
    with nogil:
        while read < end:
            found = <const uint8_t *>memchr(read, 0xFF, end - read)
            length = (found if found != NULL else end) - read
            memcpy(out, read, length)
            out += length
            read += length
            if found == NULL or read + 1 >= end:
                break
            marker = read[1]
            if marker == 0:
                out[0] = 0xFF
                out += 1
                read += 2
            elif marker == 0xFF:
                read += 1
            elif 0xD0 <= marker <= 0xD7 and count + 1 < limit:
                ends[count] = out - &clean[0]
                count += 1
                read += 2
            else:
                complete = marker == 0xD9
                break
        ends[count] = out - &clean[0]
        memset(out, 0, PADDING)
    return count + 1, complete


def jpeg_stuff(const uint8_t[::1] clean, const int64_t[::1] ends, uint8_t[::1] data, Py_ssize_t start):
    cdef const uint8_t *read = &clean[0]
    cdef const uint8_t *end
    cdef const uint8_t *found
    cdef uint8_t *out = &data[0] + start
    cdef Py_ssize_t k, length, count = ends.shape[0]
    if data.shape[0] - start < 2 * ends[count - 1] + 2 * count + 2:
        raise ValueError("the output buffer is too small")
    with nogil:
        for k in range(count):
            end = &clean[0] + ends[k]
            while read < end:
                found = <const uint8_t *>memchr(read, 0xFF, end - read)
                length = (found + 1 if found != NULL else end) - read
                memcpy(out, read, length)
                out += length
                read += length
                if found != NULL:
                    out[0] = 0
                    out += 1
            out[0] = 0xFF
            out[1] = 0xD0 + (k & 7) if k + 1 < count else 0xD9
            out += 2
    return out - &data[0]


def jpeg_scan(
    const uint8_t[::1] clean,
    const int64_t[::1] ends,
    layout,
    planes,
    uint32_t[::1] bits,
    int16_t[:, ::1] dcs,
):
    cdef const uint8_t[::1] kinds = layout.blocks
    cdef const int32_t[:, ::1] sampling = layout.sampling
    cdef Codes codes[COMPONENTS]
    cdef int kind[BLOCKS]
    cdef int means[BLOCKS]
    cdef int dc[COMPONENTS]
    cdef int quant[COMPONENTS]
    cdef uint8_t *origin[BLOCKS]
    cdef Py_ssize_t stride[BLOCKS]
    cdef Py_ssize_t h[BLOCKS]
    cdef uint8_t[:, ::1] plane
    cdef int across, down, shown = 0
    cdef int count = <int>kinds.shape[0], components = <int>sampling.shape[0], failed = 0, k, c
    cdef Py_ssize_t interval = layout.interval, left, mcu = 0, total, segment = 0, row, column
    cdef int64_t end
    cdef Reader reader
    across, down = layout.mcus
    if len(planes) > components:
        raise ValueError("there are more planes than components")
    for c, plane in enumerate(planes):
        if plane.shape[0] < down * sampling[c, 1] or plane.shape[1] < across * sampling[c, 0]:
            raise ValueError("the thumbnail is too small")
        quant[c] = <int>layout.quants[c, 0]
        for k in range(sampling[c, 0] * sampling[c, 1]):
            # The components' blocks follow each other in an MCU; those of the planes come first.
            h[shown] = sampling[c, 0]
            stride[shown] = plane.shape[1] * sampling[c, 1]
            origin[shown] = &plane[k // sampling[c, 0], k % sampling[c, 0]]
            shown += 1
    if dcs.shape[0] < bits.shape[0] or dcs.shape[1] < components:
        raise ValueError("the index is too small")
    # The index may be shorter than what a header declares; the data are too short then, too.
    total = min(<Py_ssize_t>across * down, bits.shape[0] - 1)
    for c in range(components):
        codes[c] = codes_of(layout.sets, sampling[c, 2])
    for k in range(count):
        kind[k] = kinds[k]
    with nogil:
        reader.base = &clean[0]
        seek(&reader, 0)
        end = ends[0] * 8
        left = interval if interval else total
        memset(dc, 0, sizeof(dc))
        row = column = 0
        while mcu < total:
            if left == 0:
                # Each interval begins on a byte and knows nothing of the one before.
                segment += 1
                if segment >= ends.shape[0]:
                    break
                seek(&reader, ends[segment - 1] * 8)
                end = ends[segment] * 8
                left = interval
                memset(dc, 0, sizeof(dc))
            bits[mcu] = <uint32_t>tell(&reader)
            for c in range(components):
                dcs[mcu, c] = <int16_t>dc[c]
            for k in range(count):
                c = kind[k]
                failed |= pass_block(&reader, &codes[c], &dc[c])
                failed |= dc[c] < -2047 or dc[c] > 2047
                means[k] = dc[c]
            if failed or tell(&reader) > end:
                break
            for k in range(shown):
                origin[k][row * stride[k] + column * h[k]] = level(means[k], quant[kind[k]])
            mcu += 1
            left -= 1
            column += 1
            if column == across:
                column = 0
                row += 1
        bits[mcu] = <uint32_t>tell(&reader)
        for c in range(components):
            dcs[mcu, c] = <int16_t>dc[c]
    return mcu


cdef inline uint8_t level(int dc, int quant) noexcept nogil:
    # A block's mean as libjpeg rounds it when it decodes at an eighth.
    cdef int mean = ((dc * quant + 4) >> 3) + 128
    return <uint8_t>(0 if mean < 0 else 255 if mean > 255 else mean)
