#ifndef STILLHOUSE_GEMM_H
#define STILLHOUSE_GEMM_H

#include <stddef.h>

// Matrix products (gemm.c). An element of a product depends on its row of A, its column of B, the inner extent and what
// it is added to, and on nothing else: not on the other extents, nor on how callers cut the work.

/// A matrix read in place: element (r, c) is start[r * row_stride + c * column_stride]. One of the strides is 1.
struct kernel_matrix {
    const float *start;
    ptrdiff_t row_stride;
    ptrdiff_t column_stride;
};

/// Columns that a packed matrix keeps together: parts of one begin at multiples of these.
enum { kernel_panel_columns = 16 };

/// Floats that `columns` columns take when packed.
ptrdiff_t kernel_product_packed_count(ptrdiff_t inner, ptrdiff_t columns);

/// Writes `columns` columns of a product's right side in the order in which they are multiplied. Column c of the whole
/// begins at packed[c * inner] where c is a multiple of `kernel_panel_columns`, so parts may be packed on their own.
/// - `level`: what `kernel_level` says or, to compare, less.
void kernel_product_pack(int level, struct kernel_matrix b, float *packed, ptrdiff_t inner, ptrdiff_t columns);

/// y = start + a * b: rows x inner times inner x columns. Rows of `start` are `start_stride` apart: it may be y itself,
/// a bias for all rows (stride 0), or NULL for nothing. Uses 170 KB of stack.
void kernel_product_packed(int level, struct kernel_matrix a, const float *packed, const float *start,
                            ptrdiff_t start_stride, float *y, ptrdiff_t y_stride, ptrdiff_t rows, ptrdiff_t inner,
                            ptrdiff_t columns);

/// As the two above in turn, to the same bits, part by part: for operands that are used once. Uses 300 KB of stack.
void kernel_product(int level, struct kernel_matrix a, struct kernel_matrix b, const float *start,
                     ptrdiff_t start_stride, float *y, ptrdiff_t y_stride, ptrdiff_t rows, ptrdiff_t inner,
                     ptrdiff_t columns);

#endif
