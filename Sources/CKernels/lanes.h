#ifndef STILLHOUSE_LANES_H
#define STILLHOUSE_LANES_H

#include <stddef.h>

#include "multiversion.h"

// Reductions keep sixteen partial results in a fixed order, so that the compiler may use vectors of any width without
// reordering a sum: element i always belongs to lane i mod 16.
enum { lane_count = 16 };

INLINED float lane_sum(const float lanes[lane_count]) {
    float folded[8];
    for (int i = 0; i < 8; i++) folded[i] = lanes[i] + lanes[i + 8];
    for (int width = 4; width >= 1; width /= 2)
        for (int i = 0; i < width; i++) folded[i] += folded[i + width];
    return folded[0];
}

INLINED float row_sum(const float *x, ptrdiff_t count) {
    float lanes[lane_count] = {0};
    ptrdiff_t i = 0;
    for (; i + lane_count <= count; i += lane_count)
        for (int l = 0; l < lane_count; l++) lanes[l] += x[i + l];
    for (int l = 0; i + l < count; l++) lanes[l] += x[i + l];
    return lane_sum(lanes);
}

INLINED float row_dot(const float *a, const float *b, ptrdiff_t count) {
    float lanes[lane_count] = {0};
    ptrdiff_t i = 0;
    for (; i + lane_count <= count; i += lane_count)
        for (int l = 0; l < lane_count; l++) lanes[l] += a[i + l] * b[i + l];
    for (int l = 0; i + l < count; l++) lanes[l] += a[i + l] * b[i + l];
    return lane_sum(lanes);
}

#endif
