# Sum of the 4 x 4 pixels around a place, weighed in integers: 1 is 32768.
#
# Weights are pairs of one column in two rows, as SSE2 multiplies and adds them: the upper two rows, then
# the lower two. Compilers make no such sums of plain loops.

cdef extern from *:
    """
    #if defined(__SSE2__)
    #include <emmintrin.h>
    #endif

    #define GAOPAI_BYTE(sum) ((sum) < 0 ? 0 : (sum) > 255 ? 255 : (unsigned char)(sum))

    static inline void gaopai_cubic_plain(
        const unsigned char *const *lines, const int *columns, int channels, const short *weights,
        unsigned char *out)
    {
        for (int c = 0; c < channels; c++) {
            int sum = 1 << 14;
            for (int k = 0; k < 4; k++) {
                const int at = columns[k] * channels + c;
                sum += weights[2 * k] * lines[0][at] + weights[2 * k + 1] * lines[1][at]
                    + weights[2 * k + 8] * lines[2][at] + weights[2 * k + 9] * lines[3][at];
            }
            sum >>= 15;
            out[c] = GAOPAI_BYTE(sum);
        }
    }

    #if defined(__SSE2__)
    /* Reads 16 bytes of each of four lines, of which 12 count; writes 4, of which 3 count. */
    static inline void gaopai_cubic3(
        const unsigned char *at, Py_ssize_t stride, const short *weights, unsigned char *out)
    {
        const __m128i zero = _mm_setzero_si128();
        __m128i first = zero, second = zero, third = zero;
        for (int half = 0; half < 2; half++) {
            const __m128i upper = _mm_loadu_si128((const __m128i *)(at + 2 * half * stride));
            const __m128i lower = _mm_loadu_si128((const __m128i *)(at + (2 * half + 1) * stride));
            const __m128i pairs = _mm_loadu_si128((const __m128i *)(weights + 8 * half));
            const __m128i low = _mm_unpacklo_epi8(upper, lower), high = _mm_unpackhi_epi8(upper, lower);
            first = _mm_add_epi32(first, _mm_madd_epi16(
                _mm_unpacklo_epi8(low, zero), _mm_shuffle_epi32(pairs, _MM_SHUFFLE(1, 0, 0, 0))));
            second = _mm_add_epi32(second, _mm_madd_epi16(
                _mm_unpackhi_epi8(low, zero), _mm_shuffle_epi32(pairs, _MM_SHUFFLE(2, 2, 1, 1))));
            third = _mm_add_epi32(third, _mm_madd_epi16(
                _mm_unpacklo_epi8(high, zero), _mm_shuffle_epi32(pairs, _MM_SHUFFLE(3, 3, 3, 2))));
        }
        /* first b g r b, second g r b g, third r b g r: four times b g r in a row. */
        const __m128i one = _mm_or_si128(_mm_srli_si128(first, 12), _mm_slli_si128(second, 4));
        const __m128i two = _mm_or_si128(_mm_srli_si128(second, 8), _mm_slli_si128(third, 8));
        const __m128i three = _mm_srli_si128(third, 4);
        __m128i sum = _mm_add_epi32(_mm_add_epi32(first, one), _mm_add_epi32(two, three));
        sum = _mm_srai_epi32(_mm_add_epi32(sum, _mm_set1_epi32(1 << 14)), 15);
        sum = _mm_packs_epi32(sum, sum);
        const int bytes = _mm_cvtsi128_si32(_mm_packus_epi16(sum, sum));
        memcpy(out, &bytes, 4);
    }

    /* Reads 4 bytes of each of four lines, and writes one. */
    static inline void gaopai_cubic1(
        const unsigned char *at, Py_ssize_t stride, const short *weights, unsigned char *out)
    {
        const __m128i zero = _mm_setzero_si128();
        __m128i sum = zero;
        for (int half = 0; half < 2; half++) {
            int upper, lower;
            memcpy(&upper, at + 2 * half * stride, 4);
            memcpy(&lower, at + (2 * half + 1) * stride, 4);
            const __m128i both = _mm_unpacklo_epi8(_mm_cvtsi32_si128(upper), _mm_cvtsi32_si128(lower));
            sum = _mm_add_epi32(sum, _mm_madd_epi16(
                _mm_unpacklo_epi8(both, zero), _mm_loadu_si128((const __m128i *)(weights + 8 * half))));
        }
        sum = _mm_add_epi32(sum, _mm_srli_si128(sum, 8));
        sum = _mm_add_epi32(sum, _mm_srli_si128(sum, 4));
        const int level = (_mm_cvtsi128_si32(sum) + (1 << 14)) >> 15;
        *out = GAOPAI_BYTE(level);
    }
    #else
    static inline void gaopai_cubic_inside(
        const unsigned char *at, Py_ssize_t stride, int channels, const short *weights, unsigned char *out)
    {
        const unsigned char *lines[4] = {at, at + stride, at + 2 * stride, at + 3 * stride};
        const int columns[4] = {0, 1, 2, 3};
        gaopai_cubic_plain(lines, columns, channels, weights, out);
    }
    #define gaopai_cubic3(at, stride, weights, out) gaopai_cubic_inside(at, stride, 3, weights, out)
    #define gaopai_cubic1(at, stride, weights, out) gaopai_cubic_inside(at, stride, 1, weights, out)
    #endif
    """
    void gaopai_cubic_plain(
        const unsigned char **lines, const int *columns, int channels, const short *weights, unsigned char *out
    ) noexcept nogil
    void gaopai_cubic3(
        const unsigned char *at, Py_ssize_t stride, const short *weights, unsigned char *out
    ) noexcept nogil
    void gaopai_cubic1(
        const unsigned char *at, Py_ssize_t stride, const short *weights, unsigned char *out
    ) noexcept nogil
