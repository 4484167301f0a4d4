#include <stdint.h>

#include "CKernels.h"
#include "exponential.h"
#include "multiversion.h"

enum { double_lanes = 8 };

INLINED double fold(const double lanes[double_lanes]) {
    return ((lanes[0] + lanes[4]) + (lanes[2] + lanes[6])) + ((lanes[1] + lanes[5]) + (lanes[3] + lanes[7]));
}

MULTIVERSIONED double kernel_sum(const float *x, ptrdiff_t count) {
    double lanes[double_lanes] = {0};
    ptrdiff_t i = 0;
    for (; i + double_lanes <= count; i += double_lanes)
        for (int l = 0; l < double_lanes; l++) lanes[l] += (double)x[i + l];
    for (int l = 0; i + l < count; l++) lanes[l] += (double)x[i + l];
    return fold(lanes);
}

// The square of a float is exact in a double, so a fused multiply-add changes no bit here.
MULTIVERSIONED double kernel_sum_of_squares(const float *x, ptrdiff_t count) {
    double lanes[double_lanes] = {0};
    ptrdiff_t i = 0;
    for (; i + double_lanes <= count; i += double_lanes)
        for (int l = 0; l < double_lanes; l++) lanes[l] += (double)x[i + l] * (double)x[i + l];
    for (int l = 0; i + l < count; l++) lanes[l] += (double)x[i + l] * (double)x[i + l];
    return fold(lanes);
}

MULTIVERSIONED bool kernel_all_finite(const float *x, ptrdiff_t count) {
    // Infinities and NaNs are the values whose exponent bits are all set.
    uint32_t bad = 0;
    for (ptrdiff_t i = 0; i < count; i++) bad |= (bits_from_float(x[i]) & 0x7F800000u) == 0x7F800000u ? 1u : 0u;
    return bad == 0;
}
