"""One pass over a JPEG's entropy-coded data; ``jpeg_entropy`` says what the functions mean."""

from libc.stdint cimport int16_t, int32_t, int64_t, uint8_t, uint32_t
from libc.string cimport memchr, memcpy, memset

from imgcore.kernels._bits cimport PADDING, Reader, seek, tell
from imgcore.kernels._codes cimport Codes, codes_of, read_dc, skip_ac


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
    uint8_t[:, ::1] thumbnail,
    uint32_t[::1] bits,
    int16_t[:, ::1] dcs,
):
    cdef const uint32_t[:, :, ::1] looks = layout.sets.looks
    cdef const int32_t[:, :, :, ::1] longs = layout.sets.longs
    cdef const uint8_t[:, :, ::1] symbols = layout.sets.symbols
    cdef const uint32_t[:, :, ::1] words = layout.sets.words
    cdef const uint8_t[::1] blocks = layout.blocks
    cdef const int32_t[:, ::1] sampling = layout.sampling
    cdef Codes codes[4]
    cdef int across, down, h = sampling[0, 0], v = sampling[0, 1], quant = <int>layout.quants[0, 0]
    cdef Py_ssize_t components = sampling.shape[0], count = blocks.shape[0], interval = layout.interval
    cdef Py_ssize_t mcu = 0, total, segment = 0, k, c, luma, row, column
    cdef int dc[4]
    cdef int change, failed = 0
    cdef int64_t end
    cdef Reader reader
    across, down = layout.mcus
    total = <Py_ssize_t>across * down
    if thumbnail.shape[0] < down * v or thumbnail.shape[1] < across * h:
        raise ValueError("the thumbnail is too small")
    if dcs.shape[0] < bits.shape[0] or dcs.shape[1] < components:
        raise ValueError("the index is too small")
    # The index may be shorter than what a header declares; the data are too short then, too.
    total = min(total, bits.shape[0] - 1)
    for c in range(components):
        codes[c] = codes_of(looks, longs, symbols, words, sampling[c, 2])
    with nogil:
        reader.base = &clean[0]
        seek(&reader, 0)
        end = ends[0] * 8
        memset(dc, 0, sizeof(dc))
        for row in range(down):
            for column in range(across):
                if mcu == total:
                    failed = 1
                    break
                if interval and mcu and mcu % interval == 0:
                    # Each interval begins on a byte and knows nothing of the one before.
                    segment += 1
                    if segment >= ends.shape[0]:
                        failed = 1
                        break
                    seek(&reader, ends[segment - 1] * 8)
                    end = ends[segment] * 8
                    memset(dc, 0, sizeof(dc))
                bits[mcu] = <uint32_t>tell(&reader)
                for c in range(components):
                    dcs[mcu, c] = <int16_t>dc[c]
                luma = 0
                for k in range(count):
                    c = blocks[k]
                    failed |= read_dc(&reader, &codes[c], &change)
                    dc[c] += change
                    failed |= dc[c] < -2047 or dc[c] > 2047
                    failed |= skip_ac(&reader, &codes[c])
                    if c == 0:
                        thumbnail[row * v + luma // h, column * h + luma % h] = level(dc[0], quant)
                        luma += 1
                if failed or tell(&reader) > end:
                    failed = 1
                    break
                mcu += 1
            if failed:
                break
        bits[mcu] = <uint32_t>tell(&reader)
        for c in range(components):
            dcs[mcu, c] = <int16_t>dc[c]
    return mcu


cdef inline uint8_t level(int dc, int quant) noexcept nogil:
    # A block's mean as libjpeg rounds it when it decodes at an eighth.
    cdef int mean = ((dc * quant + 4) >> 3) + 128
    return <uint8_t>(0 if mean < 0 else 255 if mean > 255 else mean)
