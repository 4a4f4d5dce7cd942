# A clean bit stream (without JPEG's byte stuffing), read and written most significant bit first.
#
# Streams are padded: the reader may look `PADDING` bytes past the end before anyone checks, which is
# more than the longest MCU there can be (10 blocks of 64 codes of 16 bits with 15 bits of value).

from libc.stdint cimport int32_t, int64_t, uint8_t, uint64_t
from libc.string cimport memcpy

cdef extern from * nogil:
    """
    #include <stdint.h>
    #include <string.h>
    static inline uint64_t gaopai_load64(const uint8_t *at) {
        uint64_t word;
        memcpy(&word, at, 8);
    #if __BYTE_ORDER__ == __ORDER_LITTLE_ENDIAN__
        word = __builtin_bswap64(word);
    #endif
        return word;
    }
    static inline void gaopai_store64(uint8_t *at, uint64_t word) {
    #if __BYTE_ORDER__ == __ORDER_LITTLE_ENDIAN__
        word = __builtin_bswap64(word);
    #endif
        memcpy(at, &word, 8);
    }
    """
    uint64_t load64 "gaopai_load64"(const uint8_t *at)
    void store64 "gaopai_store64"(uint8_t *at, uint64_t word)
    int ctz64 "__builtin_ctzll"(uint64_t word)
    int clz64 "__builtin_clzll"(uint64_t word)

cdef enum:
    PADDING = 4096
    ONE_LOAD = 57    # bits that eight bytes hold wherever they begin


cdef struct Reader:
    const uint8_t *base
    const uint8_t *next
    uint64_t acc    # the next bits, left aligned
    int have        # how many of them are valid


cdef inline void seek(Reader *reader, int64_t bit) noexcept nogil:
    reader.next = reader.base + (bit >> 3)
    reader.acc = 0
    reader.have = 0
    refill(reader)
    reader.acc <<= bit & 7
    reader.have -= <int>(bit & 7)


cdef inline int64_t tell(const Reader *reader) noexcept nogil:
    return (reader.next - reader.base) * 8 - reader.have


cdef inline void refill(Reader *reader) noexcept nogil:
    # At least 56 bits afterwards, without a branch: bytes already half there are read again.
    reader.acc |= load64(reader.next) >> reader.have
    reader.next += (63 - reader.have) >> 3
    reader.have |= 56


cdef inline void skip(Reader *reader, int bits) noexcept nogil:
    reader.acc <<= bits
    reader.have -= bits


cdef struct Writer:
    uint8_t *base
    uint8_t *next
    uint64_t acc    # bits not yet stored, left aligned
    int used        # how many of them, always under 64


cdef inline void put(Writer *writer, uint64_t value, int bits) noexcept nogil:
    # `value` has no bits above `bits`, which is 1..63.
    cdef int free = 64 - writer.used
    if bits < free:
        writer.acc |= value << (free - bits)
        writer.used += bits
        return
    cdef int rest = bits - free
    writer.acc |= value >> rest
    store64(writer.next, writer.acc)
    writer.next += 8
    writer.acc = value << (64 - rest) if rest else 0
    writer.used = rest


cdef inline void flush_bytes(Writer *writer) noexcept nogil:
    # Under 8 bits wait afterwards.
    store64(writer.next, writer.acc)
    cdef int whole = writer.used >> 3
    writer.next += whole
    writer.acc <<= whole * 8
    writer.used &= 7


cdef inline void close_byte(Writer *writer) noexcept nogil:
    # The standard fills the last byte with ones.
    cdef int open = writer.used & 7
    if open:
        put(writer, (1 << (8 - open)) - 1, 8 - open)
    flush_bytes(writer)


cdef inline int64_t written(const Writer *writer) noexcept nogil:
    return (writer.next - writer.base) * 8 + writer.used


cdef inline void copy_bits(Writer *writer, const uint8_t *source, int64_t begin, int64_t end) noexcept nogil:
    # Eight bytes a step whatever the two alignments are.
    cdef int64_t at = begin
    cdef int shift = <int>(begin & 7)
    cdef const uint8_t *read = source + (begin >> 3)
    cdef uint64_t word, carry
    cdef int used
    cdef uint8_t *out
    if end - begin <= ONE_LOAD:
        if end > begin:
            put(writer, load64(read) << shift >> (64 - (end - begin)), <int>(end - begin))
        return
    flush_bytes(writer)
    used = writer.used
    carry = writer.acc
    out = writer.next
    while at + 64 <= end:
        word = load64(read)
        if shift:
            word = word << shift | read[8] >> (8 - shift)
        store64(out, carry | word >> used)
        carry = word << (64 - used) if used else 0
        out += 8
        read += 8
        at += 64
    writer.next = out
    writer.acc = carry
    cdef int left = <int>(end - at)
    if left == 0:
        return
    word = load64(read)
    if shift:
        word = word << shift | read[8] >> (8 - shift)
    word >>= 64 - left
    if left > 32:
        put(writer, word >> 32, left - 32)
        put(writer, word & <uint64_t>0xFFFFFFFFu, 32)
    else:
        put(writer, word, left)
