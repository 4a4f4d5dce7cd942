# The 8x8 cosine transform and its inverse, orthonormal, which is JPEG's scaling; float32.
#
# Coefficients lie row by row, pixels column by column: that saves one transposition each way.

cdef extern from *:
    """
    /* gaopai_dct[u][x] = c(u) / 2 * cos((2 x + 1) u pi / 16), c(0) = sqrt(1/2): half of it, the rest by symmetry. */
    static const float gaopai_dct[8][4] = {
        {0.35355339f, 0.35355339f, 0.35355339f, 0.35355339f},
        {0.49039264f, 0.41573481f, 0.27778512f, 0.09754516f},
        {0.46193977f, 0.19134172f, -0.19134172f, -0.46193977f},
        {0.41573481f, -0.09754516f, -0.49039264f, -0.27778512f},
        {0.35355339f, -0.35355339f, -0.35355339f, 0.35355339f},
        {0.27778512f, -0.49039264f, 0.09754516f, 0.41573481f},
        {0.19134172f, -0.46193977f, 0.46193977f, -0.19134172f},
        {0.09754516f, -0.27778512f, 0.41573481f, -0.49039264f}
    };
    """
    const float[8][4] gaopai_dct


cdef inline void transpose(const float *source, float *target) noexcept nogil:
    cdef int row, column
    for row in range(8):
        for column in range(8):
            target[column * 8 + row] = source[row * 8 + column]


cdef inline void columns_forward(const float *source, float *target) noexcept nogil:
    # All columns at once: the inner loops run along rows, which the compiler makes vectors of.
    cdef float even[32]
    cdef float odd[32]
    cdef int x, u, c
    for x in range(4):
        for c in range(8):
            even[x * 8 + c] = source[x * 8 + c] + source[(7 - x) * 8 + c]
            odd[x * 8 + c] = source[x * 8 + c] - source[(7 - x) * 8 + c]
    for u in range(0, 8, 2):
        weigh(even, gaopai_dct[u], target + u * 8)
        weigh(odd, gaopai_dct[u + 1], target + u * 8 + 8)


cdef inline void columns_inverse(const float *source, float *target) noexcept nogil:
    cdef float even, odd
    cdef int x, c
    for x in range(4):
        for c in range(8):
            even = (
                gaopai_dct[0][x] * source[c] + gaopai_dct[2][x] * source[16 + c]
                + gaopai_dct[4][x] * source[32 + c] + gaopai_dct[6][x] * source[48 + c]
            )
            odd = (
                gaopai_dct[1][x] * source[8 + c] + gaopai_dct[3][x] * source[24 + c]
                + gaopai_dct[5][x] * source[40 + c] + gaopai_dct[7][x] * source[56 + c]
            )
            target[x * 8 + c] = even + odd
            target[(7 - x) * 8 + c] = even - odd


cdef inline void weigh(const float *rows, const float *weights, float *target) noexcept nogil:
    cdef int c
    for c in range(8):
        target[c] = (
            weights[0] * rows[c] + weights[1] * rows[8 + c]
            + weights[2] * rows[16 + c] + weights[3] * rows[24 + c]
        )


cdef inline void forward(const float *pixels, float *coefficients) noexcept nogil:
    cdef float one[64]
    cdef float two[64]
    columns_forward(pixels, one)
    transpose(one, two)
    columns_forward(two, coefficients)


cdef inline void inverse(const float *coefficients, float *pixels) noexcept nogil:
    cdef float one[64]
    cdef float two[64]
    columns_inverse(coefficients, one)
    transpose(one, two)
    columns_inverse(two, pixels)
