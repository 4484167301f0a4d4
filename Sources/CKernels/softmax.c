#include <math.h>

#include "CKernels.h"
#include "exponential.h"
#include "lanes.h"

// The running softmax over tiles of keys: Milakov and Gimelshein 2018, arXiv:1805.02867; used for attention by Dao et
// al. 2022, arXiv:2205.14135.

MULTIVERSIONED void kernel_softmax_tile(float *scores, ptrdiff_t stride, float scale, float *maximum, float *total,
                                        float *correction, ptrdiff_t rows, ptrdiff_t columns) {
    for (ptrdiff_t r = 0; r < rows; r++) {
        float *row = scores + r * stride;
        float highest[lane_count];
        for (int l = 0; l < lane_count; l++) highest[l] = maximum[r];
        ptrdiff_t i = 0;
        for (; i + lane_count <= columns; i += lane_count)
            for (int l = 0; l < lane_count; l++) {
                const float v = row[i + l] * scale;
                highest[l] = v > highest[l] ? v : highest[l];
            }
        for (int l = 0; i + l < columns; l++) {
            const float v = row[i + l] * scale;
            highest[l] = v > highest[l] ? v : highest[l];
        }
        float top = highest[0];
        for (int l = 1; l < lane_count; l++) top = highest[l] > top ? highest[l] : top;
        for (ptrdiff_t c = 0; c < columns; c++) row[c] = exponential(row[c] * scale - top);
        const float factor = exponential(maximum[r] - top);
        total[r] = total[r] * factor + row_sum(row, columns);
        correction[r] = factor;
        maximum[r] = top;
    }
}

void kernel_softmax_finish(const float *maximum, float *total, float *log_sum, ptrdiff_t rows) {
    for (ptrdiff_t r = 0; r < rows; r++) {
        log_sum[r] = maximum[r] + logf(total[r]);
        total[r] = 1.0f / total[r];
    }
}

MULTIVERSIONED void kernel_softmax_recompute(float *scores, ptrdiff_t stride, float scale, const float *log_sum,
                                             ptrdiff_t rows, ptrdiff_t columns) {
    for (ptrdiff_t r = 0; r < rows; r++) {
        float *row = scores + r * stride;
        const float shift = log_sum[r];
        for (ptrdiff_t c = 0; c < columns; c++) row[c] = exponential(row[c] * scale - shift);
    }
}

MULTIVERSIONED void kernel_softmax_vjp(const float *probabilities, float *dscores, ptrdiff_t stride, float scale,
                                       const float *delta, ptrdiff_t rows, ptrdiff_t columns) {
    for (ptrdiff_t r = 0; r < rows; r++) {
        const float *p = probabilities + r * stride;
        float *d = dscores + r * stride;
        const float shift = delta[r];
        for (ptrdiff_t c = 0; c < columns; c++) d[c] = p[c] * (d[c] - shift) * scale;
    }
}
