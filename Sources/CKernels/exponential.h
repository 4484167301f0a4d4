#ifndef STILLHOUSE_EXPONENTIAL_H
#define STILLHOUSE_EXPONENTIAL_H

#include <stdint.h>
#include <string.h>

#include "multiversion.h"

// exp and erf without branches or library calls, so that loops over them vectorise. Coefficients are minimax fits
// (Remez, 40 digits); largest relative error of exp 1.5e-7, largest absolute error of erf 1.2e-7.

INLINED float float_from_bits(uint32_t bits) {
    float value;
    memcpy(&value, &bits, sizeof value);
    return value;
}

INLINED uint32_t bits_from_float(float value) {
    uint32_t bits;
    memcpy(&bits, &value, sizeof bits);
    return bits;
}

/// e^x; 0 below -87.3, held at e^88.3 above. NaN stays NaN.
INLINED float exponential(float x) {
    const float magic = 12582912.0f;  // 1.5 * 2^23: adding it leaves the nearest integer in the low mantissa bits
    float held = x > 88.3f ? 88.3f : x;
    held = held < -87.3f ? -87.3f : held;
    const float shifted = held * 1.44269504f + magic;
    const float n = shifted - magic;
    // ln 2 in two parts, so that the reduced argument keeps all its bits.
    const float r = (held - n * 0.693145752f) - n * 1.42860677e-6f;
    float p = 0.001394121352f;
    p = p * r + 0.008363235054f;
    p = p * r + 0.04166637414f;
    p = p * r + 0.1666657665f;
    p = p * r + 0.5000000027f;
    p = p * (r * r) + r;
    const float power = float_from_bits((bits_from_float(shifted) << 23) + 0x3F800000u);
    const float value = p * power + power;
    return x < -87.3f ? 0.0f : value;
}

/// The error function: an odd polynomial below 0.93, 1 - exp(-t q(t)) above.
INLINED float error_function(float x) {
    const float t = x < 0.0f ? -x : x;
    const float s = x * x;
    float small = -0.0005976887558f;
    small = small * s + 0.004990978806f;
    small = small * s - 0.02676556581f;
    small = small * s + 0.1128180273f;
    small = small * s - 0.3761249431f;
    small = small * s + 0.12837915f;
    small = small * x + x;

    const float u = t > 4.0f ? 4.0f : t;
    float q = 1.152407427e-5f;
    q = q * u - 0.0003256701783f;
    q = q * u + 0.003653833442f;
    q = q * u - 0.02378548995f;
    q = q * u + 0.106263307f;
    q = q * u + 0.635135818f;
    q = q * u + 1.128652185f;
    const float magnitude = 1.0f - exponential(-u * q);
    const float large = x < 0.0f ? -magnitude : magnitude;
    return t < 0.93f ? small : large;
}

#endif
