#ifndef STILLHOUSE_CKERNELS_H
#define STILLHOUSE_CKERNELS_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "gemm.h"

// Hot loops over raw float buffers. Row-major; `rows` x `columns` are dense unless a stride is given. An output may be
// the very buffer of an input of the same shape, but may not overlap it in part. Nothing here allocates, keeps state or
// starts threads: `CPUBackend` cuts the work.

// Elementwise (elementwise.c)
void kernel_fill(float value, float *y, ptrdiff_t count);
void kernel_add(const float *a, const float *b, float *y, ptrdiff_t count);
void kernel_subtract(const float *a, const float *b, float *y, ptrdiff_t count);
void kernel_multiply(const float *a, const float *b, float *y, ptrdiff_t count);
void kernel_scale(const float *x, float factor, float *y, ptrdiff_t count);
/// y += factor * x
void kernel_axpy(float factor, const float *x, float *y, ptrdiff_t count);

// Rows against a vector (rows.c)
void kernel_copy_rows(const float *x, ptrdiff_t x_stride, float *y, ptrdiff_t y_stride, ptrdiff_t rows,
                      ptrdiff_t columns);
/// y[i, c] = table[indices[i], c]
void kernel_gather_rows(const float *table, const int32_t *indices, float *y, ptrdiff_t count, ptrdiff_t columns);
/// table[indices[i], c] += x[i, c] for one i after another, of `columns` neighbouring columns; both have the same stride
void kernel_scatter_rows(const float *x, const int32_t *indices, float *table, ptrdiff_t stride, ptrdiff_t count,
                         ptrdiff_t columns);
/// y[r, c] = x[r, c] + row[c]
void kernel_add_row(const float *x, const float *row, float *y, ptrdiff_t rows, ptrdiff_t columns);
/// y[r, c] = x[r, c] * row[c]
void kernel_multiply_row(const float *x, const float *row, float *y, ptrdiff_t rows, ptrdiff_t columns);
/// x[r, c] *= factors[r]
void kernel_scale_rows(float *x, ptrdiff_t stride, const float *factors, ptrdiff_t rows, ptrdiff_t columns);
/// y[r] = sum over c of a[r, c] * b[r, c]
void kernel_row_dots(const float *a, ptrdiff_t a_stride, const float *b, ptrdiff_t b_stride, float *y, ptrdiff_t rows,
                     ptrdiff_t columns);
/// y[c] = sum over r of x[r, c], of `columns` neighbouring columns
void kernel_column_sums(const float *x, ptrdiff_t stride, float *y, ptrdiff_t rows, ptrdiff_t columns);
/// y[c] = sum over r of a[r, c] * b[r, c]; both have the same stride
void kernel_column_dots(const float *a, const float *b, ptrdiff_t stride, float *y, ptrdiff_t rows, ptrdiff_t columns);

// Activations (gelu.c): the VJPs take the input of the forward pass
void kernel_gelu(const float *x, float *y, ptrdiff_t count);
void kernel_gelu_vjp(const float *gradient, const float *x, float *dx, ptrdiff_t count);
void kernel_quick_gelu(const float *x, float *y, ptrdiff_t count);
void kernel_quick_gelu_vjp(const float *gradient, const float *x, float *dx, ptrdiff_t count);
void kernel_exp(const float *x, float *y, ptrdiff_t count);
void kernel_erf(const float *x, float *y, ptrdiff_t count);

// Layer normalisation (layernorm.c): mean and inverse deviation are kept per row for the VJP
void kernel_layer_norm(const float *x, const float *weight, const float *bias, float epsilon, float *y, float *mean,
                       float *inverse_deviation, ptrdiff_t rows, ptrdiff_t columns);
/// Writes dx, and overwrites `dweight` and `dbias` with the sums over these rows only.
void kernel_layer_norm_vjp(const float *gradient, const float *x, const float *weight, const float *mean,
                           const float *inverse_deviation, float *dx, float *dweight, float *dbias, ptrdiff_t rows,
                           ptrdiff_t columns);

// L2 normalisation of rows (normalize.c)
/// `inverse_norm` receives 1 / norm, or 0 where the norm is below epsilon: there the VJP is zero.
void kernel_l2_normalize(const float *x, float epsilon, float *y, float *inverse_norm, ptrdiff_t rows,
                         ptrdiff_t columns);
void kernel_l2_normalize_vjp(const float *gradient, const float *y, const float *inverse_norm, float *dx,
                             ptrdiff_t rows, ptrdiff_t columns);

// Distributions over the columns of each row (softmax.c)
/// y = softmax(factor * (x - subtracted)); `subtracted` is one row, or NULL for nothing.
void kernel_softmax(const float *x, const float *subtracted, float factor, float *y, ptrdiff_t rows, ptrdiff_t columns);
/// The cross entropy between targets, which sum to 1, and softmax(factor * x), and the log of its denominator.
/// - x, loss, log_sum: `rows` rows from row `first` on of `total_rows`.
/// - target: `target_rows` rows; each serves `total_rows / target_rows` neighbouring rows of x.
/// - scratch: `columns` floats.
void kernel_cross_entropy(const float *x, const float *target, ptrdiff_t target_rows, ptrdiff_t first, float factor,
                          float *loss, float *log_sum, float *scratch, ptrdiff_t rows, ptrdiff_t total_rows,
                          ptrdiff_t columns);
void kernel_cross_entropy_vjp(const float *gradient, const float *x, const float *target, ptrdiff_t target_rows,
                              ptrdiff_t first, float factor, const float *log_sum, float *dx, ptrdiff_t rows,
                              ptrdiff_t total_rows, ptrdiff_t columns);

// Attention of one head, read and written within rows of queries, keys and values (attention.c)
struct kernel_attention_head {
    ptrdiff_t tokens;
    ptrdiff_t size;    // channels of the head
    ptrdiff_t width;   // distance between rows of y, and from queries to keys and from keys to values
    ptrdiff_t stride;  // distance between packed rows
    bool causal;       // whether a token looks at itself and those before it only
};
/// Floats of scratch that `kernel_attention` wants for as many queries.
ptrdiff_t kernel_attention_scratch(struct kernel_attention_head head, ptrdiff_t queries);
/// Writes the rows `first..<first + queries` of y and of the logarithms of the softmax denominators, one a token.
void kernel_attention(const float *qkv, struct kernel_attention_head head, ptrdiff_t first, ptrdiff_t queries, float *y,
                      float *log_sum, float *scratch);
ptrdiff_t kernel_attention_vjp_scratch(struct kernel_attention_head head);
/// Floats of one share of the queries' gradient.
ptrdiff_t kernel_attention_query_gradient(struct kernel_attention_head head);
/// Writes the gradients of the keys and values `first..<first + count` into dqkv, and to `dquery` what these keys
/// contribute to the queries' gradient.
void kernel_attention_vjp(const float *qkv, const float *y, const float *dy, const float *log_sum,
                          struct kernel_attention_head head, ptrdiff_t first, ptrdiff_t count, float *dqkv,
                          float *dquery, float *scratch);
/// Adds the shares, which lie one after another, in order, and writes the queries' gradient into dqkv.
void kernel_attention_sum_query_gradient(const float *parts, ptrdiff_t part_count, struct kernel_attention_head head,
                                         float *dqkv);

// Reductions in double (reductions.c)
double kernel_sum(const float *x, ptrdiff_t count);
double kernel_sum_of_squares(const float *x, ptrdiff_t count);
bool kernel_all_finite(const float *x, ptrdiff_t count);

// Updates of flat parameters, in place; no fused multiply-add, so equal bits on every CPU (updates.c)
struct kernel_adamw_step {
    float decay;            // 1 - lr * weight decay
    float gradient_scale;   // factor on the incoming gradient
    float one_minus_beta1;
    float beta2;
    float one_minus_beta2;
    float step_size;        // lr / (1 - beta1^t)
    float correction2_root; // sqrt(1 - beta2^t)
    float epsilon;
};
void kernel_adamw(float *parameters, float *moment1, float *moment2, const float *gradient,
                  struct kernel_adamw_step step, ptrdiff_t count);
/// average += weight * (x - average)
void kernel_ema(float *average, const float *x, float weight, ptrdiff_t count);

/// The clones that this processor runs: 4 or 3 for x86-64-v4 or -v3, 1 for the oldest x86-64, 0 where there is no choice.
int kernel_level(void);

// What the CPU can do at best (peak.c)
/// Multiply-adds in registers, as wide as the kernels' clones: numbers[0] below 1 and numbers[1] go in, numbers[2] comes
/// out, so that nothing is left away. Returns the operations done, two a multiply-add.
ptrdiff_t kernel_fma_peak(ptrdiff_t rounds, float *numbers);
void kernel_copy(const float *x, float *y, ptrdiff_t count);

#endif
