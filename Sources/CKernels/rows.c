#include <string.h>

#include "CKernels.h"
#include "lanes.h"

void kernel_copy_rows(const float *x, ptrdiff_t x_stride, float *y, ptrdiff_t y_stride, ptrdiff_t rows,
                      ptrdiff_t columns) {
    for (ptrdiff_t r = 0; r < rows; r++)
        memcpy(y + r * y_stride, x + r * x_stride, (size_t)columns * sizeof(float));
}

void kernel_gather_rows(const float *table, const int32_t *indices, float *y, ptrdiff_t count, ptrdiff_t columns) {
    for (ptrdiff_t i = 0; i < count; i++)
        memcpy(y + i * columns, table + indices[i] * columns, (size_t)columns * sizeof(float));
}

MULTIVERSIONED void kernel_scatter_rows(const float *x, const int32_t *indices, float *table, ptrdiff_t stride,
                                        ptrdiff_t count, ptrdiff_t columns) {
    for (ptrdiff_t i = 0; i < count; i++) {
        float *row = table + indices[i] * stride;
        for (ptrdiff_t c = 0; c < columns; c++) row[c] += x[i * stride + c];
    }
}

MULTIVERSIONED void kernel_add_row(const float *x, const float *row, float *y, ptrdiff_t rows, ptrdiff_t columns) {
    for (ptrdiff_t r = 0; r < rows; r++)
        for (ptrdiff_t c = 0; c < columns; c++) y[r * columns + c] = x[r * columns + c] + row[c];
}

MULTIVERSIONED void kernel_multiply_row(const float *x, const float *row, float *y, ptrdiff_t rows, ptrdiff_t columns) {
    for (ptrdiff_t r = 0; r < rows; r++)
        for (ptrdiff_t c = 0; c < columns; c++) y[r * columns + c] = x[r * columns + c] * row[c];
}

MULTIVERSIONED void kernel_scale_rows(float *x, ptrdiff_t stride, const float *factors, ptrdiff_t rows,
                                      ptrdiff_t columns) {
    for (ptrdiff_t r = 0; r < rows; r++) {
        const float factor = factors[r];
        float *row = x + r * stride;
        for (ptrdiff_t c = 0; c < columns; c++) row[c] *= factor;
    }
}

MULTIVERSIONED void kernel_row_dots(const float *a, ptrdiff_t a_stride, const float *b, ptrdiff_t b_stride, float *y,
                                    ptrdiff_t rows, ptrdiff_t columns) {
    for (ptrdiff_t r = 0; r < rows; r++) y[r] = row_dot(a + r * a_stride, b + r * b_stride, columns);
}

// Column reductions walk the rows once for sixteen to sixty-four columns held in registers. Every 64 rows the partial
// sum is folded into a double: the rounding error does not grow with the number of rows.
enum { column_tile = 64, row_fold = 64 };

MULTIVERSIONED void kernel_column_sums(const float *x, ptrdiff_t stride, float *y, ptrdiff_t rows, ptrdiff_t columns) {
    ptrdiff_t c = 0;
    for (; c + column_tile <= columns; c += column_tile) {
        double total[column_tile] = {0};
        for (ptrdiff_t first = 0; first < rows; first += row_fold) {
            const ptrdiff_t end = first + row_fold < rows ? first + row_fold : rows;
            float partial[column_tile] = {0};
            for (ptrdiff_t r = first; r < end; r++)
                for (int l = 0; l < column_tile; l++) partial[l] += x[r * stride + c + l];
            for (int l = 0; l < column_tile; l++) total[l] += (double)partial[l];
        }
        for (int l = 0; l < column_tile; l++) y[c + l] = (float)total[l];
    }
    for (; c < columns; c++) {
        double total = 0;
        for (ptrdiff_t first = 0; first < rows; first += row_fold) {
            const ptrdiff_t end = first + row_fold < rows ? first + row_fold : rows;
            float partial = 0;
            for (ptrdiff_t r = first; r < end; r++) partial += x[r * stride + c];
            total += (double)partial;
        }
        y[c] = (float)total;
    }
}

MULTIVERSIONED void kernel_column_dots(const float *a, const float *b, ptrdiff_t stride, float *y, ptrdiff_t rows,
                                       ptrdiff_t columns) {
    ptrdiff_t c = 0;
    for (; c + column_tile <= columns; c += column_tile) {
        double total[column_tile] = {0};
        for (ptrdiff_t first = 0; first < rows; first += row_fold) {
            const ptrdiff_t end = first + row_fold < rows ? first + row_fold : rows;
            float partial[column_tile] = {0};
            for (ptrdiff_t r = first; r < end; r++)
                for (int l = 0; l < column_tile; l++) partial[l] += a[r * stride + c + l] * b[r * stride + c + l];
            for (int l = 0; l < column_tile; l++) total[l] += (double)partial[l];
        }
        for (int l = 0; l < column_tile; l++) y[c + l] = (float)total[l];
    }
    for (; c < columns; c++) {
        double total = 0;
        for (ptrdiff_t first = 0; first < rows; first += row_fold) {
            const ptrdiff_t end = first + row_fold < rows ? first + row_fold : rows;
            float partial = 0;
            for (ptrdiff_t r = first; r < end; r++) partial += a[r * stride + c] * b[r * stride + c];
            total += (double)partial;
        }
        y[c] = (float)total;
    }
}
