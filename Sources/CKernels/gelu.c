#include "CKernels.h"
#include "exponential.h"
#include "multiversion.h"

static const float root_half = 0.707106781f;         // 1 / sqrt(2)
static const float inverse_root_two_pi = 0.398942280f;  // 1 / sqrt(2 pi)
static const float quick_slope = 1.702f;

MULTIVERSIONED void kernel_gelu(const float *x, float *y, ptrdiff_t count) {
    for (ptrdiff_t i = 0; i < count; i++) {
        const float v = x[i];
        y[i] = 0.5f * v * (1.0f + error_function(v * root_half));
    }
}

MULTIVERSIONED void kernel_gelu_vjp(const float *gradient, const float *x, float *dx, ptrdiff_t count) {
    for (ptrdiff_t i = 0; i < count; i++) {
        const float v = x[i];
        const float cumulative = 0.5f * (1.0f + error_function(v * root_half));
        const float density = inverse_root_two_pi * exponential(-0.5f * v * v);
        dx[i] = gradient[i] * (cumulative + v * density);
    }
}

MULTIVERSIONED void kernel_quick_gelu(const float *x, float *y, ptrdiff_t count) {
    for (ptrdiff_t i = 0; i < count; i++) y[i] = x[i] / (1.0f + exponential(-quick_slope * x[i]));
}

MULTIVERSIONED void kernel_quick_gelu_vjp(const float *gradient, const float *x, float *dx, ptrdiff_t count) {
    for (ptrdiff_t i = 0; i < count; i++) {
        const float v = x[i];
        const float gate = 1.0f / (1.0f + exponential(-quick_slope * v));
        dx[i] = gradient[i] * (gate + quick_slope * v * gate * (1.0f - gate));
    }
}

MULTIVERSIONED void kernel_exp(const float *x, float *y, ptrdiff_t count) {
    for (ptrdiff_t i = 0; i < count; i++) y[i] = exponential(x[i]);
}

MULTIVERSIONED void kernel_erf(const float *x, float *y, ptrdiff_t count) {
    for (ptrdiff_t i = 0; i < count; i++) y[i] = error_function(x[i]);
}
