# distutils: language = c
"""Sheets bent without stretching; ``bent_sheet`` documents the arguments."""

import numpy as np

from libc.math cimport atan2, cos, fabs, hypot, sin, sqrt

cdef double PARALLEL = 1e-7


def bend_sheets(const double[:, ::1] ruling, const double[:, ::1] curvature, const double[:, :, ::1] places, double reach):
    cdef Py_ssize_t count = places.shape[0], nodes = curvature.shape[1] // 2 + 1, b
    result = np.empty((count, places.shape[1], 3))
    nodes_ = np.empty((nodes, 15))
    cdef double[:, :, ::1] out = result
    cdef double[:, ::1] spine = nodes_
    cdef double step = 2 * reach / (nodes - 1), cone
    with nogil:
        for b in range(count):
            cone = ruling[b, 1]
            if fabs(cone) < PARALLEL:
                cone = PARALLEL
            integrate(cone, curvature[b], step, spine)
            bend(ruling[b, 0], cone, places[b], reach, spine, out[b])
    return result


cdef void integrate(double cone, const double[::1] curvature, double step, double[:, ::1] spine) noexcept nogil:
    """Integrate the spine; one row a node: ruling, tangent, normal, the tangent's change, the position."""
    cdef Py_ssize_t nodes = spine.shape[0], middle = nodes // 2, node, k
    for k in range(15):
        spine[middle, k] = 0
    spine[middle, 1] = spine[middle, 3] = spine[middle, 8] = 1
    for node in range(middle, nodes - 1):
        turn(cone, curvature[2 * node + 1], step, spine[node], spine[node + 1])
    for node in range(middle, 0, -1):
        turn(cone, curvature[2 * node - 1], -step, spine[node], spine[node - 1])
    for node in range(nodes):
        for k in range(3):
            spine[node, 9 + k] = curvature[2 * node] * spine[node, 6 + k] - cone * spine[node, k]
    for node in range(middle, nodes - 1):
        advance(step, spine[node], spine[node + 1])
    for node in range(middle, 0, -1):
        advance(-step, spine[node], spine[node - 1])


cdef inline void turn(double cone, double bent, double step, double[::1] before, double[::1] after) noexcept nogil:
    """Advance the moving frame by one step: it turns about the axis (bent, 0, cone) of its own."""
    cdef double speed = sqrt(cone * cone + bent * bent)
    cdef double first = sin(speed * step) / speed, second = (1 - cos(speed * step)) / (speed * speed)
    cdef Py_ssize_t k
    cdef double line, tangent, normal
    for k in range(3):
        line, tangent, normal = before[k], before[3 + k], before[6 + k]
        after[k] = line + first * cone * tangent + second * cone * (bent * normal - cone * line)
        after[3 + k] = (
            tangent + first * (bent * normal - cone * line) - second * (cone * cone + bent * bent) * tangent
        )
        after[6 + k] = normal - first * bent * tangent + second * bent * (cone * line - bent * normal)


cdef inline void advance(double step, double[::1] before, double[::1] after) noexcept nogil:
    cdef Py_ssize_t k
    for k in range(3):
        after[12 + k] = (
            before[12 + k]
            + step / 2 * (before[3 + k] + after[3 + k])
            - step * step / 12 * (after[9 + k] - before[9 + k])
        )


cdef void bend(
    double angle, double cone, const double[:, ::1] places, double reach, double[:, ::1] spine, double[:, ::1] out
) noexcept nogil:
    cdef double turned = cos(angle), lifted = sin(angle), across, along, at, far, rest, x, y, z
    cdef Py_ssize_t nodes = spine.shape[0], i, index
    cdef double step = 2 * reach / (nodes - 1)
    for i in range(places.shape[0]):
        across = cone * (places[i, 0] * turned + places[i, 1] * lifted)
        along = 1 + cone * (places[i, 1] * turned - places[i, 0] * lifted)
        at = (atan2(across, along) / cone / reach + 1) / 2 * (nodes - 1)
        far = (hypot(across, along) - 1) / cone
        index = min(max(<Py_ssize_t>at, 0), nodes - 2)
        rest = at - index
        x = place(spine[index], spine[index + 1], 0, far, cone, rest, step)
        y = place(spine[index], spine[index + 1], 1, far, cone, rest, step)
        z = place(spine[index], spine[index + 1], 2, far, cone, rest, step)
        out[i, 0] = x * turned - y * lifted
        out[i, 1] = x * lifted + y * turned
        out[i, 2] = z


cdef inline double place(
    double[::1] one, double[::1] other, Py_ssize_t k, double far, double cone, double rest, double step
) noexcept nogil:
    """Interpolate a point `far` along the ruling, by a cubic between two nodes of the spine."""
    cdef double square = rest * rest, cube = rest * rest * rest
    cdef double value = 2 * cube - 3 * square + 1, slope = (cube - 2 * square + rest) * step
    cdef double next = 3 * square - 2 * cube, next_slope = (cube - square) * step
    return (
        value * (one[12 + k] + far * one[k])
        + slope * (one[3 + k] + far * cone * one[3 + k])
        + next * (other[12 + k] + far * other[k])
        + next_slope * (other[3 + k] + far * cone * other[3 + k])
    )
