#include <string.h>

#include "CKernels.h"

#pragma clang fp contract(fast)

// What this CPU can do at best, to hold other numbers against: multiply-adds between registers, and copying.

// Chains enough to hide a latency of four or five cycles on two ports, few enough to stay in sixteen registers.
enum { chain_count = 12, steps_per_round = 64 };

// One function for each width: a vector wider than the registers would be spilled, and measure memory instead. Factor
// and term come from memory, so that nothing is known beforehand; below a factor of 1 the chains converge.
#define FMA_CHAINS(name, lanes, target)                                                                                \
    target static ptrdiff_t name(ptrdiff_t rounds, float *numbers) {                                                   \
        typedef float vector __attribute__((vector_size(4 * (lanes))));                                                \
        const vector zero = {0}, factor = zero + numbers[0], term = zero + numbers[1];                                 \
        vector chains[chain_count];                                                                                    \
        for (int c = 0; c < chain_count; c++) chains[c] = zero + (float)c;                                             \
        for (ptrdiff_t step = 0; step < rounds * steps_per_round; step++)                                              \
            _Pragma("clang loop unroll(full)")                                                                         \
            for (int c = 0; c < chain_count; c++) chains[c] = chains[c] * factor + term;                               \
        for (int c = 1; c < chain_count; c++) chains[0] += chains[c];                                                  \
        numbers[2] = chains[0][0];                                                                                     \
        return rounds * steps_per_round * chain_count * (lanes) * 2;                                                   \
    }

#if defined(__x86_64__) && defined(__linux__)
FMA_CHAINS(chains_v4, 16, __attribute__((target("arch=x86-64-v4"), min_vector_width(512))))
FMA_CHAINS(chains_v3, 8, __attribute__((target("arch=x86-64-v3"))))
#endif
FMA_CHAINS(chains_baseline, 4, )

ptrdiff_t kernel_fma_peak(ptrdiff_t rounds, float *numbers) {
    switch (kernel_level()) {
#if defined(__x86_64__) && defined(__linux__)
    case 4: return chains_v4(rounds, numbers);
    case 3: return chains_v3(rounds, numbers);
#endif
    default: return chains_baseline(rounds, numbers);
    }
}

void kernel_copy(const float *x, float *y, ptrdiff_t count) { memcpy(y, x, (size_t)count * sizeof(float)); }
