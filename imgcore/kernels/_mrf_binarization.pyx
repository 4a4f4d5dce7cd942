"""Binarization as a Markov random field; ``mrf_binarization`` documents the arguments."""

import numpy as np

cdef enum:
    LANES = 32


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
    if not 0 <= pairwise <= 127:
        raise ValueError("the pairwise cost is not within 0..127")
    # Fresh memory costs more than the arithmetic here: the pairwise costs downwards live in the result, the
    # messages from above are bytes, and unary costs are computed twice.
    ink_ = np.empty((rows, cols), np.uint8)
    cdef unsigned char[:, ::1] ink = ink_
    cdef signed char[:, ::1] above = np.empty((rows, cols), np.int8)
    cdef short[::1] cost = np.zeros(cols, np.int16), carried = np.zeros(cols, np.int16)
    cdef short[:, ::1] received = np.zeros((<int>LANES, cols), np.int16)
    cdef unsigned char[:, ::1] right = np.zeros((<int>LANES, cols), np.uint8)
    # By columns, so that a row's messages, which wait for one another, go along with those of other rows.
    cdef short[:, ::1] turned = np.zeros((cols, <int>LANES), np.int16)
    cdef short[:, ::1] total = np.zeros((cols, <int>LANES), np.int16)
    cdef unsigned char[:, ::1] limits = np.zeros((cols, <int>LANES), np.uint8)
    cdef Py_ssize_t lane
    with nogil:
        for y in range(rows):
            unary_costs(&cost[0], plane, y, &unary[0])
            pairwise_costs(
                &ink[y, 0], &plane[y, 0], &plane[y + 1 if y + 1 < rows else y, 0], &edges[y, 0],
                &edges[y + 1 if y + 1 < rows else y, 0], <unsigned char>pairwise, cols,
            )
            pass_down(&cost[0], &ink[y, 0], &carried[0], &above[y, 0], cols)
        carried[:] = 0
        for y in range(rows - 1, -1, -1):
            lane = y % LANES
            unary_costs(&cost[0], plane, y, &unary[0])
            pass_up(&cost[0], &ink[y, 0], &carried[0], &above[y, 0], &received[lane, 0], cols)
            pairwise_costs(
                &right[lane, 0], &plane[y, 0], &plane[y, 0] + 1, &edges[y, 0], &edges[y, 0] + 1,
                <unsigned char>pairwise, cols - 1,
            )
            if lane == 0:
                turn(&received[0, 0], &turned[0, 0], cols)
                turn(&right[0, 0], &limits[0, 0], cols)
                pass_across(&turned[0, 0], &limits[0, 0], &total[0, 0], cols)
                label(&total[0, 0], &ink[y, 0], cols, LANES if y + LANES <= rows else rows - y)
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


cdef void unary_costs(
    short* cost, const unsigned char[:, ::1] plane, Py_ssize_t y, const short* unary
) noexcept nogil:
    """Compute the unary costs of a row, in loops so plain that compilers vectorise all but the first."""
    cdef Py_ssize_t rows = plane.shape[0], cols = plane.shape[1], x
    cdef const unsigned char* line = &plane[y, 0]
    cdef const unsigned char* over = &plane[y - 1 if y > 0 else y, 0]
    cdef const unsigned char* under = &plane[y + 1 if y + 1 < rows else y, 0]
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


cdef inline void pass_down(
    const short* cost, const unsigned char* below, short* carried, signed char* above, Py_ssize_t cols
) noexcept nogil:
    """Store the messages that reach a row from above, and update those it passes on."""
    cdef Py_ssize_t x
    for x in range(cols):
        above[x] = <signed char>carried[x]
    for x in range(cols):
        carried[x] = clamped(<short>(carried[x] + cost[x]), below[x])


cdef inline void pass_up(
    const short* cost, const unsigned char* below, short* carried, const signed char* above,
    short* received, Py_ssize_t cols,
) noexcept nogil:
    """Add the messages that reach a row along its columns to its costs, and the costs to what it passes on."""
    cdef Py_ssize_t x
    for x in range(cols):
        carried[x] = clamped(carried[x], below[x])
    for x in range(cols):
        received[x] = <short>(cost[x] + above[x] + carried[x])
    for x in range(cols):
        carried[x] += cost[x]


ctypedef fused Number:
    short
    unsigned char


cdef inline void turn(const Number* rows, Number* columns, Py_ssize_t cols) noexcept nogil:
    """Store some rows by columns."""
    cdef Py_ssize_t x, lane
    for x in range(cols):
        for lane in range(LANES):
            columns[x * LANES + lane] = rows[lane * cols + x]


cdef inline void label(
    const short* columns, unsigned char* ink, Py_ssize_t cols, Py_ssize_t count
) noexcept nogil:
    """Label the pixels of some rows by what ink costs more than paper, which is stored by columns."""
    cdef Py_ssize_t x, lane
    for lane in range(count):
        for x in range(cols):
            ink[lane * cols + x] = <unsigned char>(<unsigned short>columns[x * LANES + lane] >> 15)


cdef inline void pass_across(
    const short* cost, const unsigned char* right, short* total, Py_ssize_t cols
) noexcept nogil:
    """Add the messages from the left and from the right to the costs of some rows, all by columns."""
    cdef Py_ssize_t x, lane, at
    cdef short message[LANES]
    for lane in range(LANES):
        message[lane] = 0
    for x in range(cols):
        at = x * LANES
        for lane in range(LANES):
            total[at + lane] = <short>(cost[at + lane] + message[lane])
            message[lane] = clamped(total[at + lane], right[at + lane])
    for lane in range(LANES):
        message[lane] = 0
    for x in range(cols - 1, 0, -1):
        at = x * LANES
        for lane in range(LANES):
            message[lane] = clamped(<short>(message[lane] + cost[at + lane]), right[at - LANES + lane])
        for lane in range(LANES):
            total[at - LANES + lane] += message[lane]
