#ifndef STILLHOUSE_MULTIVERSION_H
#define STILLHOUSE_MULTIVERSION_H

// One portable binary, and the widest vectors of the CPU it meets: the loader picks a clone. On arm64 NEON is the
// baseline, so there is nothing to choose.
#if defined(__x86_64__) && defined(__linux__)
#define MULTIVERSIONED __attribute__((target_clones("arch=x86-64-v4", "arch=x86-64-v3", "default")))
#else
#define MULTIVERSIONED
#endif

// Helpers must disappear into each clone: a call would drop back to baseline code.
#define INLINED static inline __attribute__((always_inline))

#endif
