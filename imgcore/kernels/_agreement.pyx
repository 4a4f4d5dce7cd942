"""Two labels agreeing along rows and columns; ``agreement`` says what the arguments mean."""

import numpy as np

cdef enum:
    LANES = 8


def agreement(
    const unsigned char[:, ::1] plane,
    const unsigned char[:, ::1] edges,
    const short[::1] preference,
    int bond,
):
    cdef Py_ssize_t rows = plane.shape[0], cols = plane.shape[1], y
    if edges.shape[0] != rows or edges.shape[1] != cols:
        raise ValueError("plane and edges differ in shape")
    if preference.shape[0] != 256:
        raise ValueError("the preference is not of 256 levels")
    if not 0 <= bond <= 255:
        raise ValueError("the bond is not within 0..255")
    # Fresh memory costs more than the arithmetic here: the bonds downwards live in the result.
    ink_ = np.empty((rows, cols), np.uint8)
    own_, down_ = (np.empty((rows, cols), np.int16) for _ in range(2))
    cdef short[:, ::1] own = own_, down = down_
    cdef unsigned char[:, ::1] ink = ink_
    cdef short[::1] carried = np.zeros(cols, np.int16)
    cdef short[:, ::1] across = np.zeros((<int>LANES, cols), np.int16)
    cdef unsigned char[:, ::1] right = np.zeros((<int>LANES, cols), np.uint8)
    cdef Py_ssize_t lane, base, count
    with nogil:
        for y in range(rows):
            weigh(plane, edges, preference, bond, own, ink, y)
            carry_down(&own[y, 0], &ink[y, 0], &carried[0], &down[y, 0], cols)
        carried[:] = 0
        for y in range(rows - 1, -1, -1):
            if y + 1 < rows:
                carry_up(&own[y + 1, 0], &ink[y, 0], &carried[0], &down[y, 0], cols)
            join(&down[y, 0], &own[y, 0], cols)
        # A row's messages wait for one another; those of several rows do not.
        base = 0
        while base < rows:
            count = LANES if base + LANES <= rows else rows - base
            for lane in range(count):
                y = base + lane
                part(
                    &right[lane, 0], &plane[y, 0], &plane[y, 0] + 1, &edges[y, 0], &edges[y, 0] + 1,
                    <unsigned char>bond, cols - 1,
                )
            if count == LANES:  # a constant, so that the compiler unrolls
                decide(&down[base, 0], &right[0, 0], &across[0, 0], &ink[base, 0], cols, LANES)
            else:
                decide(&down[base, 0], &right[0, 0], &across[0, 0], &ink[base, 0], cols, count)
            base += LANES
    return ink_.view(np.bool_)


cdef void weigh(
    const unsigned char[:, ::1] plane, const unsigned char[:, ::1] edges, const short[::1] preference,
    int bond, short[:, ::1] own, unsigned char[:, ::1] below, Py_ssize_t y,
) noexcept nogil:
    """What a row's pixels prefer, and their bonds to those below."""
    cdef Py_ssize_t rows = plane.shape[0], cols = plane.shape[1], under = y + 1 if y + 1 < rows else y
    prefer(
        &own[y, 0], &plane[y, 0], &plane[y - 1 if y > 0 else y, 0], &plane[under, 0], &preference[0], cols
    )
    part(
        &below[y, 0], &plane[y, 0], &plane[under, 0], &edges[y, 0], &edges[under, 0],
        <unsigned char>bond, cols,
    )


cdef inline void prefer(
    short* own, const unsigned char* line, const unsigned char* over, const unsigned char* under,
    const short* preference, Py_ssize_t cols,
) noexcept nogil:
    """Loops of one thought each: compilers make vectors of all but the first."""
    cdef Py_ssize_t x
    for x in range(cols):
        own[x] = preference[line[x]]
    for x in range(cols):
        own[x] += <short>(4 * line[x] - over[x] - under[x])
    for x in range(1, cols):
        own[x] -= line[x - 1]
    for x in range(cols - 1):
        own[x] -= line[x + 1]
    own[0] -= line[0]
    own[cols - 1] -= line[cols - 1]


cdef inline void part(
    unsigned char* bonds, const unsigned char* one, const unsigned char* other,
    const unsigned char* edge, const unsigned char* other_edge, unsigned char bond, Py_ssize_t count,
) noexcept nogil:
    """No bond where the darker of two neighbours is an edge; masks, as branches would be guessed wrong."""
    cdef Py_ssize_t x
    cdef unsigned char first, dark
    for x in range(count):
        first = <unsigned char>-(one[x] < other[x])
        dark = (edge[x] & first) | (other_edge[x] & ~first)
        bonds[x] = bond & <unsigned char>-(dark == 0)


cdef inline short held(short value, short bond) noexcept nogil:
    value = bond if value > bond else value
    return -bond if value < -bond else value


cdef inline int held_alone(int value, int bond) noexcept nogil:
    """The same without a branch, for loops that are no vectors."""
    cdef int beyond = value - bond
    value = bond + (beyond & (beyond >> 31))
    beyond = value + bond
    return value - (beyond & (beyond >> 31))


cdef inline void carry_down(
    const short* own, const unsigned char* below, short* carried, short* down, Py_ssize_t cols
) noexcept nogil:
    """What arrives at a row from above, and what goes on."""
    cdef Py_ssize_t x
    for x in range(cols):
        down[x] = carried[x]
    for x in range(cols):
        carried[x] = held(<short>(carried[x] + own[x]), below[x])


cdef inline void carry_up(
    const short* own_under, const unsigned char* below, short* carried, short* down, Py_ssize_t cols
) noexcept nogil:
    """The same from below."""
    cdef Py_ssize_t x
    for x in range(cols):
        carried[x] = held(<short>(carried[x] + own_under[x]), below[x])
    for x in range(cols):
        down[x] += carried[x]


cdef inline void join(short* down, const short* own, Py_ssize_t cols) noexcept nogil:
    cdef Py_ssize_t x
    for x in range(cols):
        down[x] += own[x]


cdef inline void decide(
    const short* wish, const unsigned char* right, short* across, unsigned char* ink, Py_ssize_t cols,
    Py_ssize_t lanes,
) noexcept nogil:
    """What arrives at each pixel of some rows from the left and from the right, and what that makes it."""
    cdef Py_ssize_t x, lane, at
    cdef int message[LANES]
    for lane in range(lanes):
        message[lane] = 0
    for x in range(cols):
        for lane in range(lanes):
            at = lane * cols + x
            across[at] = <short>message[lane]
            message[lane] = held_alone(message[lane] + wish[at], right[at])
    for lane in range(lanes):
        message[lane] = 0
    for x in range(cols - 1, -1, -1):
        for lane in range(lanes):
            at = lane * cols + x
            ink[at] = <unsigned char>(<unsigned int>(wish[at] + across[at] + message[lane]) >> 31)
            if x > 0:
                message[lane] = held_alone(message[lane] + wish[at], right[at - 1])
