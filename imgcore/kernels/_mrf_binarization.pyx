"""Binarization as a Markov random field; ``mrf_binarization`` documents the arguments."""

import numpy as np

cdef enum:
    LANES = 8


def binarize_mrf(
    const unsigned char[:, ::1] plane,
    const unsigned char[:, ::1] edges,
    const short[::1] unary,
    int pairwise,
):
    cdef Py_ssize_t rows = plane.shape[0], cols = plane.shape[1], y
    if edges.shape[0] != rows or edges.shape[1] != cols:
        raise ValueError("plane and edges differ in shape")
    if unary.shape[0] != 256:
        raise ValueError("the unary costs are not of 256 levels")
    if not 0 <= pairwise <= 255:
        raise ValueError("the pairwise cost is not within 0..255")
    # Fresh memory costs more than the arithmetic here: the pairwise costs downwards live in the result.
    ink_ = np.empty((rows, cols), np.uint8)
    cost_, down_ = (np.empty((rows, cols), np.int16) for _ in range(2))
    cdef short[:, ::1] cost = cost_, down = down_
    cdef unsigned char[:, ::1] ink = ink_
    cdef short[::1] carried = np.zeros(cols, np.int16)
    cdef short[:, ::1] across = np.zeros((<int>LANES, cols), np.int16)
    cdef unsigned char[:, ::1] right = np.zeros((<int>LANES, cols), np.uint8)
    cdef Py_ssize_t lane, base, count
    with nogil:
        for y in range(rows):
            row_costs(plane, edges, unary, pairwise, cost, ink, y)
            pass_down(&cost[y, 0], &ink[y, 0], &carried[0], &down[y, 0], cols)
        carried[:] = 0
        for y in range(rows - 1, -1, -1):
            if y + 1 < rows:
                pass_up(&cost[y + 1, 0], &ink[y, 0], &carried[0], &down[y, 0], cols)
            add_row(&down[y, 0], &cost[y, 0], cols)
        # A row's messages wait for one another; those of several rows do not.
        base = 0
        while base < rows:
            count = LANES if base + LANES <= rows else rows - base
            for lane in range(count):
                y = base + lane
                pairwise_costs(
                    &right[lane, 0], &plane[y, 0], &plane[y, 0] + 1, &edges[y, 0], &edges[y, 0] + 1,
                    <unsigned char>pairwise, cols - 1,
                )
            if count == LANES:  # a constant, so that the compiler unrolls
                label_rows(&down[base, 0], &right[0, 0], &across[0, 0], &ink[base, 0], cols, LANES)
            else:
                label_rows(&down[base, 0], &right[0, 0], &across[0, 0], &ink[base, 0], cols, count)
            base += LANES
    return ink_.view(np.bool_)


def double_where_sharp(
    short[:, ::1] across,
    short[:, ::1] down,
    const unsigned char[:, ::1] darkest,
    const unsigned char[:, ::1] brightest,
    int ratio,
    int least,
):
    cdef Py_ssize_t rows = across.shape[0], cols = across.shape[1], y
    if not rows == down.shape[0] == darkest.shape[0] == brightest.shape[0]:
        raise ValueError("the planes differ in shape")
    if not cols == down.shape[1] == darkest.shape[1] == brightest.shape[1]:
        raise ValueError("the planes differ in shape")
    if not 0 <= ratio <= 127:
        raise ValueError("the ratio is not within 0..127")
    with nogil:
        for y in range(rows):
            double_row(
                &across[y, 0], &down[y, 0], &darkest[y, 0], &brightest[y, 0],
                <short>ratio, <short>least, cols,
            )


cdef inline void double_row(
    short* across, short* down, const unsigned char* darkest, const unsigned char* brightest,
    short ratio, short least, Py_ssize_t cols,
) noexcept nogil:
    cdef Py_ssize_t x
    cdef short span, one, other, rise, sharp
    for x in range(cols):
        span = <short>(brightest[x] - darkest[x])
        one = <short>(-across[x] if across[x] < 0 else across[x])
        other = <short>(-down[x] if down[x] < 0 else down[x])
        rise = <short>(one + (other >> 1)) if one > other else <short>(other + (one >> 1))
        sharp = <short>(-<short>(rise >= <short>(span * ratio)) & -<short>(span >= least))
        across[x] += across[x] & sharp
        down[x] += down[x] & sharp


cdef void row_costs(
    const unsigned char[:, ::1] plane, const unsigned char[:, ::1] edges, const short[::1] unary,
    int pairwise, short[:, ::1] cost, unsigned char[:, ::1] below, Py_ssize_t y,
) noexcept nogil:
    """Compute the unary costs of a row, and its pairwise costs to the row below."""
    cdef Py_ssize_t rows = plane.shape[0], cols = plane.shape[1], under = y + 1 if y + 1 < rows else y
    unary_costs(
        &cost[y, 0], &plane[y, 0], &plane[y - 1 if y > 0 else y, 0], &plane[under, 0], &unary[0], cols
    )
    pairwise_costs(
        &below[y, 0], &plane[y, 0], &plane[under, 0], &edges[y, 0], &edges[under, 0],
        <unsigned char>pairwise, cols,
    )


cdef inline void unary_costs(
    short* cost, const unsigned char* line, const unsigned char* over, const unsigned char* under,
    const short* unary, Py_ssize_t cols,
) noexcept nogil:
    """Compute the unary costs of a row, in loops so plain that compilers vectorise all but the first."""
    cdef Py_ssize_t x
    for x in range(cols):
        cost[x] = unary[line[x]]
    for x in range(cols):
        cost[x] += <short>(4 * line[x] - over[x] - under[x])
    for x in range(1, cols):
        cost[x] -= line[x - 1]
    for x in range(cols - 1):
        cost[x] -= line[x + 1]
    cost[0] -= line[0]
    cost[cols - 1] -= line[cols - 1]


cdef inline void pairwise_costs(
    unsigned char* costs, const unsigned char* one, const unsigned char* other,
    const unsigned char* edge, const unsigned char* other_edge, unsigned char pairwise, Py_ssize_t count,
) noexcept nogil:
    """Drop the pairwise cost where the darker of two neighbours is an edge; branches would be mispredicted."""
    cdef Py_ssize_t x
    cdef unsigned char first, dark
    for x in range(count):
        first = <unsigned char>-(one[x] < other[x])
        dark = (edge[x] & first) | (other_edge[x] & ~first)
        costs[x] = pairwise & <unsigned char>-(dark == 0)


cdef inline short clamped(short value, short pairwise) noexcept nogil:
    value = pairwise if value > pairwise else value
    return -pairwise if value < -pairwise else value


cdef inline int clamped_branchless(int value, int pairwise) noexcept nogil:
    """Clamp without a branch, for loops that are not vectorised."""
    cdef int beyond = value - pairwise
    value = pairwise + (beyond & (beyond >> 31))
    beyond = value + pairwise
    return value - (beyond & (beyond >> 31))


cdef inline void pass_down(
    const short* cost, const unsigned char* below, short* carried, short* down, Py_ssize_t cols
) noexcept nogil:
    """Store the messages that reach a row from above, and update those it passes on."""
    cdef Py_ssize_t x
    for x in range(cols):
        down[x] = carried[x]
    for x in range(cols):
        carried[x] = clamped(<short>(carried[x] + cost[x]), below[x])


cdef inline void pass_up(
    const short* own_under, const unsigned char* below, short* carried, short* down, Py_ssize_t cols
) noexcept nogil:
    """Add the messages that reach a row from below, after updating those of the row under it."""
    cdef Py_ssize_t x
    for x in range(cols):
        carried[x] = clamped(<short>(carried[x] + own_under[x]), below[x])
    for x in range(cols):
        down[x] += carried[x]


cdef inline void add_row(short* down, const short* cost, Py_ssize_t cols) noexcept nogil:
    cdef Py_ssize_t x
    for x in range(cols):
        down[x] += cost[x]


cdef inline void label_rows(
    const short* cost, const unsigned char* right, short* across, unsigned char* ink, Py_ssize_t cols,
    Py_ssize_t lanes,
) noexcept nogil:
    """Label the pixels of some rows by their costs and the messages from the left and from the right."""
    cdef Py_ssize_t x, lane, at
    cdef int message[LANES]
    for lane in range(lanes):
        message[lane] = 0
    for x in range(cols):
        for lane in range(lanes):
            at = lane * cols + x
            across[at] = <short>message[lane]
            message[lane] = clamped_branchless(message[lane] + cost[at], right[at])
    for lane in range(lanes):
        message[lane] = 0
    for x in range(cols - 1, -1, -1):
        for lane in range(lanes):
            at = lane * cols + x
            ink[at] = <unsigned char>(<unsigned int>(cost[at] + across[at] + message[lane]) >> 31)
            if x > 0:
                message[lane] = clamped_branchless(message[lane] + cost[at], right[at - 1])
