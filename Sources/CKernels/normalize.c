#include "CKernels.h"
#include "lanes.h"

MULTIVERSIONED void kernel_l2_normalize(const float *x, float epsilon, float *y, float *inverse_norm, ptrdiff_t rows,
                                        ptrdiff_t columns) {
    for (ptrdiff_t r = 0; r < rows; r++) {
        const float *in = x + r * columns;
        float *out = y + r * columns;
        const float norm = __builtin_elementwise_sqrt(row_dot(in, in, columns));
        const float inverse = 1.0f / (norm < epsilon ? epsilon : norm);
        for (ptrdiff_t c = 0; c < columns; c++) out[c] = in[c] * inverse;
        inverse_norm[r] = norm < epsilon ? 0.0f : inverse;
    }
}

MULTIVERSIONED void kernel_l2_normalize_vjp(const float *gradient, const float *y, const float *inverse_norm, float *dx,
                                            ptrdiff_t rows, ptrdiff_t columns) {
    for (ptrdiff_t r = 0; r < rows; r++) {
        const float *up = gradient + r * columns;
        const float *unit = y + r * columns;
        float *out = dx + r * columns;
        const float along = row_dot(up, unit, columns);
        const float inverse = inverse_norm[r];
        for (ptrdiff_t c = 0; c < columns; c++) out[c] = (up[c] - along * unit[c]) * inverse;
    }
}
