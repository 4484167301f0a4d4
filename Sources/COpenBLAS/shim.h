#ifndef STILLHOUSE_COPENBLAS_SHIM_H
#define STILLHOUSE_COPENBLAS_SHIM_H

#include <cblas.h>
#include <stdbool.h>
#include <stddef.h>

/// C = alpha * op(A) * op(B) + beta * C, all row-major; op transposes where the flag says so.
/// C is rows x columns, the inner extent is `inner`, strides are the distance between rows as stored.
static inline void stillhouse_sgemm(bool transposes_a, bool transposes_b, ptrdiff_t rows, ptrdiff_t columns,
                                    ptrdiff_t inner, float alpha, const float *a, ptrdiff_t a_stride, const float *b,
                                    ptrdiff_t b_stride, float beta, float *c, ptrdiff_t c_stride) {
    cblas_sgemm(CblasRowMajor, transposes_a ? CblasTrans : CblasNoTrans, transposes_b ? CblasTrans : CblasNoTrans,
                (blasint)rows, (blasint)columns, (blasint)inner, alpha, a, (blasint)a_stride, b, (blasint)b_stride, beta,
                c, (blasint)c_stride);
}

/// Sets how many threads one product may use, in the whole process.
static inline void stillhouse_blas_set_thread_count(int count) { openblas_set_num_threads(count); }

/// The thread count OpenBLAS reports now.
static inline int stillhouse_blas_thread_count(void) { return openblas_get_num_threads(); }

/// Version and build options, such as "OpenBLAS 0.3.21 DYNAMIC_ARCH NO_AFFINITY SkylakeX MAX_THREADS=64".
static inline const char *stillhouse_blas_configuration(void) { return openblas_get_config(); }

/// The processor kind whose kernels run, such as "SkylakeX".
static inline const char *stillhouse_blas_core(void) { return openblas_get_corename(); }

#endif
