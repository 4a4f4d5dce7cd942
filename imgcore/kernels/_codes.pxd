# Huffman codes of one component pair (DC and AC), for reading and writing.
#
# The tables are plain arrays made once a header by `imgcore.jpeg.huffman`, which says what they hold.

from imgcore.kernels._bits cimport Reader, Writer, clz64, ctz64, put, refill, skip
from libc.stdint cimport int16_t, int32_t, uint8_t, uint16_t, uint32_t, uint64_t

cdef enum:
    LOOKUP_BITS = 13    # imgcore.jpeg.huffman.LOOKUP_BITS
    PASSED_BITS = 28    # at most in one look: the value of its last code may lie beyond it
    END_OF_BLOCK = 128


cdef struct Codes:
    const uint32_t *dc         # lookups[0]
    const uint32_t *ac         # lookups[1]
    const uint32_t *firsts     # lookups[2]
    const uint16_t *skips
    const int32_t *longs
    const uint8_t *symbols
    const uint32_t *words


cdef inline Codes codes_of(sets, Py_ssize_t which):
    cdef const uint32_t[:, :, ::1] lookups = sets.lookups
    cdef const uint16_t[:, ::1] skips = sets.skips
    cdef const int32_t[:, :, :, ::1] longs = sets.longs
    cdef const uint8_t[:, :, ::1] symbols = sets.symbols
    cdef const uint32_t[:, :, ::1] words = sets.words
    cdef Codes codes
    # The layout holds the arrays for as long as its kernels run.
    codes.dc = &lookups[which, 0, 0]
    codes.ac = &lookups[which, 1, 0]
    codes.firsts = &lookups[which, 2, 0]
    codes.skips = &skips[which, 0]
    codes.longs = &longs[which, 0, 0, 0]
    codes.symbols = &symbols[which, 0, 0]
    codes.words = &words[which, 0, 0]
    return codes


cdef inline int value(Reader *reader, int size) noexcept nogil:
    # The `size` bits of a value, as JPEG writes signed numbers; consumed. `size` is 1..15.
    cdef int bits = <int>(reader.acc >> (64 - size))
    skip(reader, size)
    return bits if bits >> (size - 1) else bits - (1 << size) + 1


cdef inline int long_symbol(Reader *reader, const Codes *codes, int which) noexcept nogil:
    # The symbol of a code longer than a look; -1 when there is none.
    cdef int32_t code = <int32_t>(reader.acc >> 48)
    cdef int length
    cdef const int32_t *row
    for length in range(LOOKUP_BITS + 1, 17):
        row = codes.longs + (which * 17 + length) * 2
        if code < row[0]:
            skip(reader, length)
            return codes.symbols[which * 256 + ((code >> (16 - length)) + row[1] & 0xFF)]
    return -1


cdef inline int next_code(
    Reader *reader, const uint32_t *look, const Codes *codes, int which, int *number
) noexcept nogil:
    # The next symbol, its code and value consumed; -1 for a code that the table does not have. Needs 31 bits.
    cdef uint32_t entry = look[reader.acc >> (64 - LOOKUP_BITS)]
    cdef int symbol
    if entry:
        skip(reader, entry & 0xFF)
        symbol = (entry >> 8) & 0xFF
        number[0] = <int32_t>entry >> 16
        if number[0] == 0 and symbol & 15:
            number[0] = value(reader, symbol & 15)
        return symbol
    symbol = long_symbol(reader, codes, which)
    number[0] = value(reader, symbol & 15) if symbol > 0 and symbol & 15 else 0
    return symbol


cdef inline int read_dc(Reader *reader, const Codes *codes, int *change) noexcept nogil:
    # The difference to the block before; 0 when all is well.
    refill(reader)
    cdef int size = next_code(reader, codes.dc, codes, 0, change)
    return 0 if 0 <= size <= 15 else -1


cdef inline int pass_code(Reader *reader, const Codes *codes, int k) noexcept nogil:
    # One AC code at a time where a look does not serve; the k after it, from END_OF_BLOCK on at the end,
    # negative when something is wrong.
    cdef int number, symbol
    refill(reader)
    symbol = next_code(reader, codes.ac, codes, 1, &number)
    if symbol < 0 or (symbol & 15 == 0 and symbol and symbol != 0xF0):
        return -1
    if symbol == 0:
        return k + END_OF_BLOCK
    k += (symbol >> 4) + 1
    return k if k <= 64 else -1


cdef inline int pass_block(Reader *reader, const Codes *codes, int *dc) noexcept nogil:
    # Over one block, several codes in one look; 0 when all is well.
    refill(reader)
    cdef uint32_t entry = codes.firsts[reader.acc >> (64 - LOOKUP_BITS)]
    cdef int k, change
    cdef Reader slow
    if entry:
        skip(reader, entry & 0xFF)
        dc[0] += <int32_t>entry >> 16
        k = (entry >> 8) & 0xFF
    else:
        slow = reader[0]
        if read_dc(&slow, codes, &change) < 0:
            return -1
        reader[0] = slow
        dc[0] += change
        k = 1
    return pass_rest(reader, codes, k)


cdef inline int pass_rest(Reader *reader, const Codes *codes, int k) noexcept nogil:
    # Over the coefficients of a block from k on; 0 when all is well.
    cdef uint32_t entry
    cdef int after
    cdef Reader slow
    while k < 64:
        if reader.have < PASSED_BITS:
            refill(reader)
        entry = codes.skips[reader.acc >> (64 - LOOKUP_BITS)]
        after = k + (entry >> 8)
        # A look that goes past the block's end has read into the next one.
        if after > 64 and not END_OF_BLOCK < after < END_OF_BLOCK + 64:
            slow = reader[0]
            k = pass_code(&slow, codes, k)
            if k < 0:
                return -1
            reader[0] = slow
            continue
        skip(reader, entry & 0xFF)
        k = after
    return 0


cdef inline int read_ac(
    Reader *reader, const Codes *codes, const uint8_t *places, int16_t *block, uint64_t *filled
) noexcept nogil:
    # The AC coefficients of one block into `block[places[k]]`; `filled` gets a bit for each k that is not
    # zero. The block must be zero before. 0 when all is well.
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
        block[places[k]] = <int16_t>number
        mask |= <uint64_t>1 << k
        k += 1
    filled[0] = mask
    return 0 if k <= 64 else -1


cdef inline int read_low(
    Reader *reader, const Codes *codes, const uint8_t *places, int last, int16_t *block, int *filled
) noexcept nogil:
    # The AC coefficients up to `last` into `block[places[k]]`, the others passed over; `filled` is set if one is
    # not zero. 0 when all is well.
    cdef int k = 1, symbol, number
    while k <= last:
        if reader.have < 32:
            refill(reader)
        symbol = next_code(reader, codes.ac, codes, 1, &number)
        if symbol & 15 == 0 or symbol < 0:
            if symbol == 0:
                return 0
            if symbol != 0xF0:
                return -1
            k += 16
            continue
        k += symbol >> 4
        if k > 63:
            return -1
        if k <= last:
            block[places[k]] = <int16_t>number
            filled[0] = 1
        k += 1
    return pass_rest(reader, codes, k) if k <= 64 else -1


cdef inline int bit_size(int number) noexcept nogil:
    return 64 - clz64(<uint64_t>(number if number >= 0 else -number)) if number else 0


cdef inline int write_symbol(
    Writer *writer, const uint32_t *words, int this, int number, int size
) noexcept nogil:
    # A code and its value; -1 when the table has no such code.
    cdef uint32_t word = words[this]
    if word == 0:
        return -1
    if number < 0:
        number += (1 << size) - 1
    put(writer, (<uint64_t>(word & 0xFFFF) << size) | <uint64_t>number, <int>(word >> 16) + size)
    return 0


cdef inline int write_dc(Writer *writer, const Codes *codes, int change) noexcept nogil:
    cdef int size = bit_size(change)
    if size > 11:
        return -1
    return write_symbol(writer, codes.words, size, change, size)


cdef inline int write_ac(
    Writer *writer, const Codes *codes, const uint8_t *places, const int16_t *block, uint64_t filled
) noexcept nogil:
    # The coefficients `block[places[k]]` for the bits k of `filled`, in order; -1 when a code is missing.
    cdef const uint32_t *words = codes.words + 256
    cdef int last = 0, k, run, number, size
    while filled:
        k = ctz64(filled)
        filled &= filled - 1
        run = k - last - 1
        last = k
        while run > 15:
            if write_symbol(writer, words, 0xF0, 0, 0) < 0:
                return -1
            run -= 16
        number = block[places[k]]
        size = bit_size(number)
        if size > 10 or write_symbol(writer, words, run << 4 | size, number, size) < 0:
            return -1
    if last != 63:
        return write_symbol(writer, words, 0, 0, 0)
    return 0

