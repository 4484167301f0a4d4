#include "CKernels.h"
#include "multiversion.h"

MULTIVERSIONED void kernel_fill(float value, float *y, ptrdiff_t count) {
    for (ptrdiff_t i = 0; i < count; i++) y[i] = value;
}

MULTIVERSIONED void kernel_add(const float *a, const float *b, float *y, ptrdiff_t count) {
    for (ptrdiff_t i = 0; i < count; i++) y[i] = a[i] + b[i];
}

MULTIVERSIONED void kernel_subtract(const float *a, const float *b, float *y, ptrdiff_t count) {
    for (ptrdiff_t i = 0; i < count; i++) y[i] = a[i] - b[i];
}

MULTIVERSIONED void kernel_multiply(const float *a, const float *b, float *y, ptrdiff_t count) {
    for (ptrdiff_t i = 0; i < count; i++) y[i] = a[i] * b[i];
}

MULTIVERSIONED void kernel_scale(const float *x, float factor, float *y, ptrdiff_t count) {
    for (ptrdiff_t i = 0; i < count; i++) y[i] = x[i] * factor;
}

MULTIVERSIONED void kernel_axpy(float factor, const float *x, float *y, ptrdiff_t count) {
    for (ptrdiff_t i = 0; i < count; i++) y[i] += factor * x[i];
}
