#include "CKernels.h"
#include "multiversion.h"

// Weights must not depend on which CPU applied an update, hence only operations that IEEE 754 defines to the bit.
#pragma clang fp contract(off)

// Loshchilov and Hutter 2019, arXiv:1711.05101, in the order of torch.optim.AdamW: decay, moments, step.
MULTIVERSIONED void kernel_adamw(float *parameters, float *moment1, float *moment2, const float *gradient,
                                 struct kernel_adamw_step step, ptrdiff_t count) {
    for (ptrdiff_t i = 0; i < count; i++) {
        const float g = gradient[i] * step.gradient_scale;
        const float m = moment1[i] + (g - moment1[i]) * step.one_minus_beta1;
        const float v = moment2[i] * step.beta2 + step.one_minus_beta2 * g * g;
        const float denominator = __builtin_elementwise_sqrt(v) / step.correction2_root + step.epsilon;
        parameters[i] = parameters[i] * step.decay - step.step_size * (m / denominator);
        moment1[i] = m;
        moment2[i] = v;
    }
}

MULTIVERSIONED void kernel_ema(float *average, const float *x, float weight, ptrdiff_t count) {
    for (ptrdiff_t i = 0; i < count; i++) average[i] = average[i] + weight * (x[i] - average[i]);
}
