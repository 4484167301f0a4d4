#include <string.h>

#include "CKernels.h"
#include "lanes.h"

MULTIVERSIONED void kernel_layer_norm(const float *x, const float *weight, const float *bias, float epsilon, float *y,
                                      float *mean, float *inverse_deviation, ptrdiff_t rows, ptrdiff_t columns) {
    for (ptrdiff_t r = 0; r < rows; r++) {
        const float *row = x + r * columns;
        float *out = y + r * columns;
        const float centre = row_sum(row, columns) / (float)columns;
        float lanes[lane_count] = {0};
        ptrdiff_t i = 0;
        for (; i + lane_count <= columns; i += lane_count)
            for (int l = 0; l < lane_count; l++) lanes[l] += (row[i + l] - centre) * (row[i + l] - centre);
        for (int l = 0; i + l < columns; l++) lanes[l] += (row[i + l] - centre) * (row[i + l] - centre);
        const float inverse = 1.0f / __builtin_elementwise_sqrt(lane_sum(lanes) / (float)columns + epsilon);
        for (ptrdiff_t c = 0; c < columns; c++) out[c] = (row[c] - centre) * inverse * weight[c] + bias[c];
        mean[r] = centre;
        inverse_deviation[r] = inverse;
    }
}

// With h = (x - mean) * inverse and g = gradient * weight:
// dx = inverse * (g - mean(g) - h * mean(g * h)), dweight = sum(gradient * h), dbias = sum(gradient).
MULTIVERSIONED void kernel_layer_norm_vjp(const float *gradient, const float *x, const float *weight, const float *mean,
                                          const float *inverse_deviation, float *dx, float *dweight, float *dbias,
                                          ptrdiff_t rows, ptrdiff_t columns) {
    memset(dweight, 0, (size_t)columns * sizeof(float));
    memset(dbias, 0, (size_t)columns * sizeof(float));
    for (ptrdiff_t r = 0; r < rows; r++) {
        const float *in = x + r * columns;
        const float *up = gradient + r * columns;
        float *out = dx + r * columns;
        const float centre = mean[r];
        const float inverse = inverse_deviation[r];
        float plain[lane_count] = {0};
        float along[lane_count] = {0};
        ptrdiff_t i = 0;
        for (; i + lane_count <= columns; i += lane_count)
            for (int l = 0; l < lane_count; l++) {
                const float g = up[i + l] * weight[i + l];
                plain[l] += g;
                along[l] += g * ((in[i + l] - centre) * inverse);
            }
        for (int l = 0; i + l < columns; l++) {
            const float g = up[i + l] * weight[i + l];
            plain[l] += g;
            along[l] += g * ((in[i + l] - centre) * inverse);
        }
        const float mean_plain = lane_sum(plain) / (float)columns;
        const float mean_along = lane_sum(along) / (float)columns;
        // Buffers are one or disjoint, so elements never depend on each other; too many to check that at run time.
#pragma clang loop vectorize(assume_safety)
        for (ptrdiff_t c = 0; c < columns; c++) {
            const float h = (in[c] - centre) * inverse;
            const float g = up[c];
            dweight[c] += g * h;
            dbias[c] += g;
            out[c] = inverse * (g * weight[c] - mean_plain - h * mean_along);
        }
    }
}
