#ifndef STILLHOUSE_EXCEEDS_H
#define STILLHOUSE_EXCEEDS_H

#include "codecs.h"

static inline int codec_exceeds(codec_limits limits, uint32_t width, uint32_t height) {
    return width > limits.max_side || height > limits.max_side || (uint64_t)width * height > limits.max_pixels;
}

#endif
