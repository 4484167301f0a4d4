#include <math.h>

#include "CKernels.h"
#include "exponential.h"
#include "lanes.h"

// Each row is read three times (maximum, sum, result), which for 65,536 columns is still within a core's cache. Sums are
// taken by lanes in fp32: every term lies in [0, 1] and the largest is 1.

INLINED float row_maximum(const float *x, const float *subtracted, float factor, ptrdiff_t columns) {
    float best = -INFINITY;
    if (subtracted) {
        for (ptrdiff_t c = 0; c < columns; c++) {
            const float v = factor * (x[c] - subtracted[c]);
            best = v > best ? v : best;
        }
    } else {
        for (ptrdiff_t c = 0; c < columns; c++) {
            const float v = factor * x[c];
            best = v > best ? v : best;
        }
    }
    return best;
}

MULTIVERSIONED void kernel_softmax(const float *x, const float *subtracted, float factor, float *y, ptrdiff_t rows,
                                   ptrdiff_t columns) {
    for (ptrdiff_t r = 0; r < rows; r++) {
        const float *in = x + r * columns;
        float *out = y + r * columns;
        const float top = row_maximum(in, subtracted, factor, columns);
        if (subtracted) {
            for (ptrdiff_t c = 0; c < columns; c++) out[c] = exponential(factor * (in[c] - subtracted[c]) - top);
        } else {
            for (ptrdiff_t c = 0; c < columns; c++) out[c] = exponential(factor * in[c] - top);
        }
        const float inverse = (float)(1.0 / kernel_sum(out, columns));
        for (ptrdiff_t c = 0; c < columns; c++) out[c] *= inverse;
    }
}

MULTIVERSIONED void kernel_cross_entropy(const float *x, const float *target, ptrdiff_t target_rows, ptrdiff_t first,
                                         float factor, float *loss, float *log_sum, float *scratch, ptrdiff_t rows,
                                         ptrdiff_t total_rows, ptrdiff_t columns) {
    const ptrdiff_t rows_per_target = total_rows / target_rows;
    for (ptrdiff_t r = 0; r < rows; r++) {
        const float *in = x + r * columns;
        const float *wanted = target + (first + r) / rows_per_target * columns;
        const float top = row_maximum(in, NULL, factor, columns);
        for (ptrdiff_t c = 0; c < columns; c++) scratch[c] = exponential(factor * in[c] - top);
        const double sum = top + log(kernel_sum(scratch, columns));
        log_sum[r] = (float)sum;
        for (ptrdiff_t c = 0; c < columns; c++) scratch[c] = wanted[c] * ((float)sum - factor * in[c]);
        loss[r] = (float)kernel_sum(scratch, columns);
    }
}

MULTIVERSIONED void kernel_cross_entropy_vjp(const float *gradient, const float *x, const float *target,
                                             ptrdiff_t target_rows, ptrdiff_t first, float factor,
                                             const float *log_sum, float *dx, ptrdiff_t rows, ptrdiff_t total_rows,
                                             ptrdiff_t columns) {
    const ptrdiff_t rows_per_target = total_rows / target_rows;
    for (ptrdiff_t r = 0; r < rows; r++) {
        const float *in = x + r * columns;
        const float *wanted = target + (first + r) / rows_per_target * columns;
        float *out = dx + r * columns;
        const float up = gradient[r] * factor;
        const float shift = log_sum[r];
        for (ptrdiff_t c = 0; c < columns; c++) out[c] = up * (exponential(factor * in[c] - shift) - wanted[c]);
    }
}
