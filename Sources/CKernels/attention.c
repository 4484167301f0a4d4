#include <math.h>
#include <string.h>

#include "CKernels.h"
#include "exponential.h"
#include "lanes.h"

// Attention of one head in blocks of scores that stay in the caches. Forward: a running softmax over tiles of keys
// (Milakov and Gimelshein 2018, arXiv:1805.02867; Dao et al. 2022, arXiv:2205.14135). Backward: the same scores again.
//
// Five products with one micro-kernel: strips of six rows by one to four vectors of sixteen columns, held in registers.
// What is multiplied is first laid out densely (strides of packed rows are multiples of a power of two, which would put
// a head's rows into the same few cache sets), its columns padded with zeros to whole vectors and its rows to whole strips.

typedef float vector __attribute__((ext_vector_type(16), aligned(4)));

enum {
    vector_size = 16,
    strip = 6,
    widest = 4,         // vectors
    query_block = 48,   // rows of scores at a time; whole strips
    key_tile = 240,     // most columns of scores at a time; whole vectors and whole strips
    causal_unit = 48,   // with causality, columns come in these: whole vectors and whole strips
};

INLINED ptrdiff_t padded(ptrdiff_t count, ptrdiff_t unit) { return (count + unit - 1) / unit * unit; }

INLINED ptrdiff_t smaller(ptrdiff_t a, ptrdiff_t b) { return a < b ? a : b; }

/// The keys of one tile: as few, nearly equal tiles as may be. With causality always the same, so that a token's sums
/// run in one order whatever stands behind it.
INLINED ptrdiff_t tile_size(struct kernel_attention_head head, ptrdiff_t keys) {
    if (head.causal) return key_tile;
    const ptrdiff_t tiles = (keys + key_tile - 1) / key_tile;
    return padded((keys + tiles - 1) / tiles, vector_size);
}

/// Of `columns` keys from `key` on, those that a block of queries which ends before `end` has to look at: none, all, or
/// whole units.
INLINED ptrdiff_t visible(struct kernel_attention_head head, ptrdiff_t end, ptrdiff_t key, ptrdiff_t columns) {
    if (!head.causal) return columns;
    return end > key ? smaller(columns, padded(end - key, causal_unit)) : 0;
}

/// Scores of keys behind their query are none at all.
INLINED void mask_scores(struct kernel_attention_head head, float *scores, ptrdiff_t query, ptrdiff_t rows, ptrdiff_t key,
                         ptrdiff_t columns) {
    if (!head.causal) return;
    for (ptrdiff_t r = 0; r < rows; r++)
        for (ptrdiff_t c = query + r >= key ? query + r - key + 1 : 0; c < columns; c++)
            scores[r * key_tile + c] = -INFINITY;
}

/// `strip` rows of C (+)= A * B; an element of A stands at a[row * a_row + step * a_step].
INLINED void multiply_strip(const int vectors, const float *a, ptrdiff_t a_row, ptrdiff_t a_step, const float *b,
                            ptrdiff_t b_stride, float *c, ptrdiff_t c_stride, ptrdiff_t inner, bool adds) {
    vector sums[strip][widest];
#pragma clang loop unroll(full)
    for (int r = 0; r < strip; r++)
#pragma clang loop unroll(full)
        for (int v = 0; v < vectors; v++)
            sums[r][v] = adds ? *(const vector *)(c + r * c_stride + v * vector_size) : (vector)0.0f;
    for (ptrdiff_t i = 0; i < inner; i++) {
        vector columns[widest];
#pragma clang loop unroll(full)
        for (int v = 0; v < vectors; v++) columns[v] = *(const vector *)(b + i * b_stride + v * vector_size);
#pragma clang loop unroll(full)
        for (int r = 0; r < strip; r++) {
            const vector factor = (vector)a[r * a_row + i * a_step];
#pragma clang loop unroll(full)
            for (int v = 0; v < vectors; v++) sums[r][v] += factor * columns[v];
        }
    }
#pragma clang loop unroll(full)
    for (int r = 0; r < strip; r++)
#pragma clang loop unroll(full)
        for (int v = 0; v < vectors; v++) *(vector *)(c + r * c_stride + v * vector_size) = sums[r][v];
}

/// C (+)= A * B for whole strips of rows and whole vectors of columns.
INLINED void multiply(const float *a, ptrdiff_t a_row, ptrdiff_t a_step, const float *b, ptrdiff_t b_stride, float *c,
                      ptrdiff_t c_stride, ptrdiff_t rows, ptrdiff_t columns, ptrdiff_t inner, bool adds) {
    // Narrower registers hold a strip one vector wide.
    const ptrdiff_t most = kernel_level() == 4 ? widest : 1;
    for (ptrdiff_t column = 0; column < columns;) {
        const ptrdiff_t vectors = smaller(most, (columns - column) / vector_size);
        for (ptrdiff_t row = 0; row < rows; row += strip) {
            const float *left = a + row * a_row;
            float *target = c + row * c_stride + column;
            switch (vectors) {
                case 4: multiply_strip(4, left, a_row, a_step, b + column, b_stride, target, c_stride, inner, adds); break;
                case 3: multiply_strip(3, left, a_row, a_step, b + column, b_stride, target, c_stride, inner, adds); break;
                case 2: multiply_strip(2, left, a_row, a_step, b + column, b_stride, target, c_stride, inner, adds); break;
                default: multiply_strip(1, left, a_row, a_step, b + column, b_stride, target, c_stride, inner, adds);
            }
        }
        column += vectors * vector_size;
    }
}

/// Rows laid out densely, times a factor; zeros up to `width` columns and whole strips of rows.
INLINED void pack(const float *x, ptrdiff_t stride, ptrdiff_t rows, ptrdiff_t columns, float factor, float *y,
                  ptrdiff_t width) {
    for (ptrdiff_t r = 0; r < rows; r++) {
        for (ptrdiff_t c = 0; c < columns; c++) y[r * width + c] = x[r * stride + c] * factor;
        for (ptrdiff_t c = columns; c < width; c++) y[r * width + c] = 0.0f;
    }
    memset(y + rows * width, 0, (size_t)((padded(rows, strip) - rows) * width) * sizeof(float));
}

/// Sixteen by sixteen: four rounds of interleaving row i with row i + 8 transpose.
INLINED void transpose_square(const float *x, ptrdiff_t x_stride, float *y, ptrdiff_t y_stride) {
    vector rows[vector_size], other[vector_size];
#pragma clang loop unroll(full)
    for (int i = 0; i < vector_size; i++) rows[i] = *(const vector *)(x + i * x_stride);
#pragma clang loop unroll(full)
    for (int round = 0; round < 4; round++) {
#pragma clang loop unroll(full)
        for (int i = 0; i < 8; i++) {
            other[2 * i] = __builtin_shufflevector(rows[i], rows[i + 8], 0, 16, 1, 17, 2, 18, 3, 19, 4, 20, 5, 21, 6,
                                                   22, 7, 23);
            other[2 * i + 1] = __builtin_shufflevector(rows[i], rows[i + 8], 8, 24, 9, 25, 10, 26, 11, 27, 12, 28, 13,
                                                       29, 14, 30, 15, 31);
        }
#pragma clang loop unroll(full)
        for (int i = 0; i < vector_size; i++) rows[i] = other[i];
    }
#pragma clang loop unroll(full)
    for (int i = 0; i < vector_size; i++) *(vector *)(y + i * y_stride) = rows[i];
}

/// Rows as columns: y[c, r] = x[r, c]; zeros up to whole vectors of columns.
INLINED void pack_transposed(const float *x, ptrdiff_t stride, ptrdiff_t rows, ptrdiff_t columns, float *y) {
    const ptrdiff_t squares = rows / vector_size * vector_size, across = columns / vector_size * vector_size;
    for (ptrdiff_t r = 0; r < squares; r += vector_size)
        for (ptrdiff_t c = 0; c < across; c += vector_size)
            transpose_square(x + r * stride + c, stride, y + c * key_tile + r, key_tile);
    for (ptrdiff_t c = 0; c < columns; c++) {
        for (ptrdiff_t r = c < across ? squares : 0; r < rows; r++) y[c * key_tile + r] = x[r * stride + c];
        for (ptrdiff_t r = rows; r < padded(rows, vector_size); r++) y[c * key_tile + r] = 0.0f;
    }
}

INLINED float row_maximum(const float *x, ptrdiff_t count, float least) {
    float lanes[lane_count];
    for (int l = 0; l < lane_count; l++) lanes[l] = least;
    ptrdiff_t i = 0;
    for (; i + lane_count <= count; i += lane_count)
        for (int l = 0; l < lane_count; l++) lanes[l] = x[i + l] > lanes[l] ? x[i + l] : lanes[l];
    for (int l = 0; i + l < count; l++) lanes[l] = x[i + l] > lanes[l] ? x[i + l] : lanes[l];
    float top = lanes[0];
    for (int l = 1; l < lane_count; l++) top = lanes[l] > top ? lanes[l] : top;
    return top;
}

/// Folds a block of scores into the running softmax of its rows: scores become exp(score - maximum), and what was
/// summed before is brought to the new maximum.
INLINED void fold_scores(float *scores, ptrdiff_t rows, ptrdiff_t columns, float *maximum, float *total, float *y,
                         ptrdiff_t width) {
    for (ptrdiff_t r = 0; r < rows; r++) {
        float *row = scores + r * key_tile;
        const float top = row_maximum(row, columns, maximum[r]);
        for (ptrdiff_t c = 0; c < columns; c++) row[c] = exponential(row[c] - top);
        const float correction = exponential(maximum[r] - top);
        total[r] = total[r] * correction + row_sum(row, columns);
        maximum[r] = top;
        for (ptrdiff_t c = 0; c < width; c++) y[r * width + c] *= correction;
    }
}

ptrdiff_t kernel_attention_scratch(struct kernel_attention_head head, ptrdiff_t queries) {
    const ptrdiff_t width = padded(head.size, vector_size);
    return padded(queries, strip) * (2 * width + 2) + (query_block + head.size + width) * key_tile;
}

MULTIVERSIONED __attribute__((min_vector_width(512))) void kernel_attention(
    const float *qkv, struct kernel_attention_head head, ptrdiff_t first, ptrdiff_t queries, float *y, float *log_sum,
    float *scratch) {
    const ptrdiff_t width = padded(head.size, vector_size), rows = padded(queries, strip);
    const float *key = qkv + head.width, *value = qkv + 2 * head.width;
    float *query = scratch, *sums = query + rows * width, *maximum = sums + rows * width, *total = maximum + rows;
    float *keys = total + rows, *values = keys + head.size * key_tile, *scores = values + width * key_tile;
    pack(qkv + first * head.stride, head.stride, queries, head.size, 1.0f / __builtin_elementwise_sqrt((float)head.size),
         query, width);
    memset(sums, 0, (size_t)(rows * width) * sizeof(float));
    for (ptrdiff_t r = 0; r < rows; r++) {
        maximum[r] = -INFINITY;
        total[r] = 0.0f;
    }
    const ptrdiff_t tile = tile_size(head, head.tokens), end = head.causal ? first + queries : head.tokens;
    for (ptrdiff_t start = 0; start < end; start += tile) {
        const ptrdiff_t columns = smaller(tile, head.tokens - start);
        pack_transposed(key + start * head.stride, head.stride, columns, head.size, keys);
        pack(value + start * head.stride, head.stride, columns, head.size, 1.0f, values, width);
        for (ptrdiff_t block = 0; block < queries; block += query_block) {
            const ptrdiff_t count = smaller(query_block, rows - block);
            const ptrdiff_t seen = visible(head, first + block + count, start, columns);
            if (seen == 0) continue;
            multiply(query + block * width, width, 1, keys, key_tile, scores, key_tile, count,
                     padded(seen, vector_size), head.size, false);
            mask_scores(head, scores, first + block, count, start, seen);
            fold_scores(scores, count, seen, maximum + block, total + block, sums + block * width, width);
            multiply(scores, key_tile, 1, values, width, sums + block * width, width, count, width, seen, true);
        }
    }
    for (ptrdiff_t r = 0; r < queries; r++) {
        const float inverse = 1.0f / total[r];
        for (ptrdiff_t c = 0; c < head.size; c++) y[(first + r) * head.width + c] = sums[r * width + c] * inverse;
        log_sum[first + r] = maximum[r] + logf(total[r]);
    }
}

/// P = exp(score - log sum), and dS = P * (dP - delta), both in place.
INLINED void differentiate_scores(float *scores, float *dscores, const float *log_sum, const float *delta,
                                  ptrdiff_t rows, ptrdiff_t columns) {
    for (ptrdiff_t r = 0; r < rows; r++) {
        float *p = scores + r * key_tile, *d = dscores + r * key_tile;
        const float shift = log_sum[r], mean = delta[r];
        for (ptrdiff_t c = 0; c < columns; c++) {
            p[c] = exponential(p[c] - shift);
            d[c] = p[c] * (d[c] - mean);
        }
    }
}

ptrdiff_t kernel_attention_vjp_scratch(struct kernel_attention_head head) {
    const ptrdiff_t width = padded(head.size, vector_size);
    return padded(head.tokens, strip) * (2 * width + 1) + (2 * query_block + 2 * head.size + 3 * width) * key_tile;
}

ptrdiff_t kernel_attention_query_gradient(struct kernel_attention_head head) {
    return padded(head.tokens, strip) * padded(head.size, vector_size);
}

MULTIVERSIONED __attribute__((min_vector_width(512))) void kernel_attention_vjp(
    const float *qkv, const float *y, const float *dy, const float *log_sum, struct kernel_attention_head head,
    ptrdiff_t first, ptrdiff_t count, float *dqkv, float *dquery, float *scratch) {
    const ptrdiff_t width = padded(head.size, vector_size), rows = padded(head.tokens, strip);
    float *query = scratch, *up = query + rows * width, *delta = up + rows * width, *keys = delta + rows;
    float *values = keys + head.size * key_tile, *key = values + head.size * key_tile, *dkey = key + width * key_tile;
    float *dvalue = dkey + width * key_tile, *scores = dvalue + width * key_tile;
    float *dscores = scores + query_block * key_tile;
    pack(qkv, head.stride, head.tokens, head.size, 1.0f / __builtin_elementwise_sqrt((float)head.size), query, width);
    pack(dy, head.width, head.tokens, head.size, 1.0f, up, width);
    for (ptrdiff_t r = 0; r < head.tokens; r++) delta[r] = row_dot(dy + r * head.width, y + r * head.width, head.size);
    if (head.causal) memset(dquery, 0, (size_t)(rows * width) * sizeof(float));
    const ptrdiff_t tile = tile_size(head, count);
    for (ptrdiff_t start = first; start < first + count; start += tile) {
        const ptrdiff_t columns = smaller(tile, first + count - start);
        const float *source = qkv + head.width + start * head.stride;
        pack_transposed(source, head.stride, columns, head.size, keys);
        pack_transposed(source + head.width, head.stride, columns, head.size, values);
        pack(source, head.stride, columns, head.size, 1.0f, key, width);
        // With causality the first block of queries need not see all keys, so it cannot write all sums.
        if (head.causal) {
            memset(dkey, 0, (size_t)(padded(columns, strip) * width) * sizeof(float));
            memset(dvalue, 0, (size_t)(padded(columns, strip) * width) * sizeof(float));
        }
        for (ptrdiff_t block = 0; block < head.tokens; block += query_block) {
            const ptrdiff_t inner = smaller(query_block, head.tokens - block), down = padded(inner, strip);
            const ptrdiff_t seen = visible(head, block + inner, start, columns), across = padded(seen, vector_size);
            if (seen == 0) continue;
            const float *q = query + block * width, *g = up + block * width;
            multiply(q, width, 1, keys, key_tile, scores, key_tile, down, across, head.size, false);
            multiply(g, width, 1, values, key_tile, dscores, key_tile, down, across, head.size, false);
            mask_scores(head, scores, block, inner, start, seen);
            differentiate_scores(scores, dscores, log_sum + block, delta + block, inner, seen);
            const ptrdiff_t turned = padded(seen, strip);
            multiply(scores, 1, key_tile, g, width, dvalue, width, turned, width, inner, head.causal || block > 0);
            multiply(dscores, 1, key_tile, q, width, dkey, width, turned, width, inner, head.causal || block > 0);
            multiply(dscores, key_tile, 1, key, width, dquery + block * width, width, down, width, seen,
                     head.causal || start > first);
        }
        float *target = dqkv + head.width + start * head.stride;
        for (ptrdiff_t r = 0; r < columns; r++) {
            memcpy(target + r * head.stride, dkey + r * width, (size_t)head.size * sizeof(float));
            memcpy(target + head.width + r * head.stride, dvalue + r * width, (size_t)head.size * sizeof(float));
        }
    }
}

MULTIVERSIONED void kernel_attention_sum_query_gradient(const float *parts, ptrdiff_t part_count,
                                                        struct kernel_attention_head head, float *dqkv) {
    const ptrdiff_t width = padded(head.size, vector_size), part = kernel_attention_query_gradient(head);
    const float scale = 1.0f / __builtin_elementwise_sqrt((float)head.size);
    for (ptrdiff_t r = 0; r < head.tokens; r++)
        for (ptrdiff_t c = 0; c < head.size; c++) {
            float sum = parts[r * width + c];
            for (ptrdiff_t i = 1; i < part_count; i++) sum += parts[i * part + r * width + c];
            dqkv[r * head.stride + c] = sum * scale;
        }
}
