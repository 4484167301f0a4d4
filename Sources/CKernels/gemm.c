#include "gemm.h"

#include "multiversion.h"

// Blocks, panels and tiles after Goto and van de Geijn 2008, "Anatomy of high-performance matrix multiplication", and
// Van Zee and van de Geijn 2015, "BLIS". A tile of the result stays in registers while it runs through the inner extent:
// per step one load of a row of B for all its columns and one broadcast for each of its rows, 28 multiply-adds of sixteen
// lanes for 16 loads at best. Both operands are packed first, so that these loads are consecutive.

enum {
    lanes = kernel_panel_columns,
    // Bytes of a cache line are 64, and two threads of a core share 32 to 48 KB of L1 and 1 to 2 MB of L2.
    // A tile's 32 columns of B, 48 KB at this depth, pass through L1 (9 bytes a cycle, a fifth of what L2 delivers);
    // its 14 rows of A, 21 KB, are read from L2; and the tile itself is read and written once in 384 steps.
    largest_depth = 384,
    // 112 rows of A, 172 KB at that depth, stay in L2 beside the other thread's. They use each column of B 112 times,
    // so B may come from farther away: 1 byte a cycle.
    block_rows = 112,
    // The right side of a small product, packed: 128 KB, which is 512 keys of 64 floats.
    block_right = 32768,
    // Rows of the source, each on a page of its own, that the first-level TLB holds: 64 entries or more.
    page_group = 32,
    most_rows = 14,
    most_panels = 2,
};

typedef float vector __attribute__((vector_size(4 * lanes)));
typedef float loose_vector __attribute__((vector_size(4 * lanes), aligned(4)));

#define UNROLLED _Pragma("clang loop unroll(full)")

INLINED ptrdiff_t lesser(ptrdiff_t a, ptrdiff_t b) { return a < b ? a : b; }

INLINED ptrdiff_t divided_up(ptrdiff_t a, ptrdiff_t b) { return (a + b - 1) / b; }

// Tiles

/// What a tile is computed from, and where it goes.
struct tile {
    const float *a;  // [depth, rows]
    const float *b;  // panels of [depth, lanes], `panel_stride` apart
    ptrdiff_t panel_stride;
    ptrdiff_t depth;
    const float *start;
    ptrdiff_t start_stride;
    float *y;
    ptrdiff_t y_stride;
};

/// Rows and panels are constants in every caller, so that the sums are registers.
INLINED void compute(const int rows, const int panels, const struct tile *from) {
    const struct tile t = *from;
    vector sums[most_rows][most_panels];
    UNROLLED for (int r = 0; r < rows; r++) UNROLLED for (int p = 0; p < panels; p++) sums[r][p] = (vector){0};
    const float *a = t.a, *b = t.b;
    for (ptrdiff_t k = 0; k < t.depth; k++, a += rows, b += lanes) {
        vector right[most_panels];
        UNROLLED for (int p = 0; p < panels; p++) right[p] = *(const loose_vector *)(b + p * t.panel_stride);
        UNROLLED for (int r = 0; r < rows; r++) {
            const float left = a[r];
            UNROLLED for (int p = 0; p < panels; p++) sums[r][p] += left * right[p];
        }
    }
    if (t.start) UNROLLED for (int r = 0; r < rows; r++) UNROLLED for (int p = 0; p < panels; p++)
        sums[r][p] += *(const loose_vector *)(t.start + r * t.start_stride + p * lanes);
    UNROLLED for (int r = 0; r < rows; r++) UNROLLED for (int p = 0; p < panels; p++)
        *(loose_vector *)(t.y + r * t.y_stride + p * lanes) = sums[r][p];
}

// Packing

/// Sixteen rows of sixteen become columns, in four perfect shuffles.
INLINED void transpose(vector rows[lanes]) {
    UNROLLED for (int round = 0; round < 4; round++) {
        vector shuffled[lanes];
        UNROLLED for (int i = 0; i < lanes / 2; i++) {
            const vector a = rows[i], b = rows[i + lanes / 2];
            shuffled[2 * i] = __builtin_shufflevector(a, b, 0, 16, 1, 17, 2, 18, 3, 19, 4, 20, 5, 21, 6, 22, 7, 23);
            shuffled[2 * i + 1] =
                __builtin_shufflevector(a, b, 8, 24, 9, 25, 10, 26, 11, 27, 12, 28, 13, 29, 14, 30, 15, 31);
        }
        UNROLLED for (int i = 0; i < lanes; i++) rows[i] = shuffled[i];
    }
}

/// Rows of A or columns of B that are packed together, in panels as equal as can be.
struct side {
    const float *source;
    ptrdiff_t across;  // from one row of A, or column of B, to the next
    ptrdiff_t along;   // from one of its elements to the next
    ptrdiff_t extent;
    ptrdiff_t depth;
    ptrdiff_t panels;
};

/// Where a panel begins when so many share an extent.
INLINED ptrdiff_t panel_start(ptrdiff_t extent, ptrdiff_t panels, ptrdiff_t index) { return extent * index / panels; }

/// Elements of the sum lie side by side in memory: whole squares are transposed. A panel narrower than its vectors is
/// written in order, each vector over the surplus of the one before; the last surplus falls behind the panel.
INLINED void pack_transposing(const struct side *s, float *packed) {
    for (ptrdiff_t index = 0; index < s->panels; index++) {
        const ptrdiff_t first = panel_start(s->extent, s->panels, index);
        const ptrdiff_t width = panel_start(s->extent, s->panels, index + 1) - first;
        const float *source = s->source + first * s->across;
        float *panel = packed + first * s->depth;
        ptrdiff_t k = 0;
        for (; k + lanes <= s->depth; k += lanes) {
            vector block[lanes];
            UNROLLED for (int i = 0; i < lanes; i++)
                block[i] = *(const loose_vector *)(source + lesser(i, width - 1) * s->across + k);
            transpose(block);
            UNROLLED for (int i = 0; i < lanes; i++) *(loose_vector *)(panel + (k + i) * width) = block[i];
        }
        for (; k < s->depth; k++)
            for (ptrdiff_t i = 0; i < width; i++) panel[k * width + i] = source[i * s->across + k];
    }
}

/// Rows of A, or columns of B, lie side by side in memory. Some rows of the source at a time go to all panels, as
/// neighbouring panels share their pages. Vectors reach beyond a narrow panel's row, but never beyond panel or source.
INLINED void pack_copying(const struct side *s, float *packed) {
    const ptrdiff_t narrowest = s->extent / s->panels;
    const ptrdiff_t surplus = narrowest < lanes ? divided_up(lanes, narrowest) - 1 : 0;
    const ptrdiff_t whole = s->along >= lanes ? s->depth - surplus : 0;
    for (ptrdiff_t above = 0; above < s->depth; above += page_group)
        for (ptrdiff_t index = 0; index < s->panels; index++) {
            const ptrdiff_t first = panel_start(s->extent, s->panels, index);
            const ptrdiff_t width = panel_start(s->extent, s->panels, index + 1) - first;
            const ptrdiff_t end = lesser(above + page_group, s->depth);
            const float *source = s->source + first;
            float *panel = packed + first * s->depth;
            ptrdiff_t k = above;
            for (; k < lesser(end, whole); k++)
                *(loose_vector *)(panel + k * width) = *(const loose_vector *)(source + k * s->along);
            for (; k < end; k++)
                for (ptrdiff_t i = 0; i < width; i++) panel[k * width + i] = source[k * s->along + i];
        }
}

INLINED void pack(const struct side *s, float *packed) {
    if (s->along == 1) pack_transposing(s, packed);
    else pack_copying(s, packed);
}

// Builds for kinds of processors

struct build {
    int rows;    // of the largest tile
    int panels;  // of the largest tile
    void (*const (*tiles)[most_panels])(const struct tile *);  // [rows - 1][panels - 1]
    void (*pack)(const struct side *, float *);
};

// Clones of one function, as elsewhere, would share one tile, and it is the registers that decide its size: 28 of 32 for
// sums with AVX-512, 12 of 16 halves with AVX2, 24 quarters of 32 with NEON, 8 quarters of 16 with SSE2, each with room
// for a row of B and one factor.
#define FOR_baseline
#if defined(__x86_64__) && defined(__linux__)
// Vectors of 512 bits must be asked for: compilers prefer 256.
#define FOR_v4 __attribute__((target("arch=x86-64-v4"), min_vector_width(512)))
#define FOR_v3 __attribute__((target("arch=x86-64-v3")))
#endif

#define TILE(build, rows, panels) \
    FOR_##build static void build##_tile_##rows##x##panels(const struct tile *t) { compute(rows, panels, t); }
#define PACK(build) \
    FOR_##build static void build##_pack(const struct side *s, float *packed) { pack(s, packed); }
#define ONE_PANEL(build, rows) TILE(build, rows, 1)
#define TWO_PANELS(build, rows) TILE(build, rows, 1) TILE(build, rows, 2)
#define ONE_NAME(build, rows) {build##_tile_##rows##x1},
#define TWO_NAMES(build, rows) {build##_tile_##rows##x1, build##_tile_##rows##x2},
#define UP_TO_6(of, build) of(build, 1) of(build, 2) of(build, 3) of(build, 4) of(build, 5) of(build, 6)
#define UP_TO_14(of, build) \
    UP_TO_6(of, build) of(build, 7) of(build, 8) of(build, 9) of(build, 10) of(build, 11) of(build, 12) of(build, 13) \
        of(build, 14)

UP_TO_6(ONE_PANEL, baseline)
PACK(baseline)
#ifdef FOR_v4
UP_TO_6(ONE_PANEL, v3)
PACK(v3)
UP_TO_14(TWO_PANELS, v4)
PACK(v4)
#endif

static struct build build_for(int level) {
    static void (*const baseline[][most_panels])(const struct tile *) = {UP_TO_6(ONE_NAME, baseline)};
#ifdef FOR_v4
    static void (*const v3[][most_panels])(const struct tile *) = {UP_TO_6(ONE_NAME, v3)};
    static void (*const v4[][most_panels])(const struct tile *) = {UP_TO_14(TWO_NAMES, v4)};
    if (level == 4) return (struct build){14, 2, v4, v4_pack};
    if (level == 3) return (struct build){6, 1, v3, v3_pack};
#endif
    return (struct build){level == 1 ? 2 : 6, 1, baseline, baseline_pack};
}

// Blocks

/// Where the inner extent is cut: into as few equal depths as will do, in whole vectors. The order of every sum follows
/// from it, so it may depend on the inner extent alone. Never 0: without an inner extent one block of nothing is left.
static ptrdiff_t depth_of_blocks(ptrdiff_t inner) {
    if (inner == 0) return lanes;
    const ptrdiff_t depth = divided_up(inner, divided_up(inner, largest_depth));
    return divided_up(depth, lanes) * lanes;
}

static struct kernel_matrix part(struct kernel_matrix whole, ptrdiff_t row, ptrdiff_t column) {
    whole.start += row * whole.row_stride + column * whole.column_stride;
    return whole;
}

static void pack_rows(const struct build *build, struct kernel_matrix a, float *packed, ptrdiff_t rows,
                      ptrdiff_t depth) {
    const struct side side = {a.start, a.row_stride, a.column_stride, rows, depth, divided_up(rows, build->rows)};
    build->pack(&side, packed);
}

/// The last panel is filled up with zeros.
static void pack_columns(const struct build *build, struct kernel_matrix b, float *packed, ptrdiff_t depth,
                         ptrdiff_t columns) {
    const ptrdiff_t panels = columns / lanes, whole = panels * lanes;
    const struct side side = {b.start, b.column_stride, b.row_stride, whole, depth, panels};
    if (panels > 0) build->pack(&side, packed);
    if (whole == columns) return;
    const struct kernel_matrix rest = part(b, 0, whole);
    for (ptrdiff_t k = 0; k < depth; k++)
        for (ptrdiff_t i = 0; i < lanes; i++) {
            const ptrdiff_t place = k * rest.row_stride + i * rest.column_stride;
            packed[whole * depth + k * lanes + i] = whole + i < columns ? rest.start[place] : 0.0f;
        }
}

/// A tile of which only so many columns exist: it is computed aside.
static void multiply_edge(const struct build *build, struct tile tile, ptrdiff_t rows, ptrdiff_t columns) {
    float whole[most_rows * most_panels * lanes];
    const ptrdiff_t panels = divided_up(columns, lanes), stride = panels * lanes;
    struct tile aside = tile;
    aside.start = 0;
    aside.y = whole;
    aside.y_stride = stride;
    build->tiles[rows - 1][panels - 1](&aside);
    for (ptrdiff_t r = 0; r < rows; r++)
        for (ptrdiff_t c = 0; c < columns; c++) {
            const float sum = whole[r * stride + c];
            tile.y[r * tile.y_stride + c] = tile.start ? sum + tile.start[r * tile.start_stride + c] : sum;
        }
}

/// One block of rows and one depth against packed columns; `whole` says where the first tile is.
static void multiply_block(const struct build *build, struct tile whole, ptrdiff_t rows, ptrdiff_t columns) {
    const ptrdiff_t panels = divided_up(rows, build->rows), step = build->panels * lanes;
    // A tile's columns are what stays in L1 from one tile to the next.
    for (ptrdiff_t column = 0; column < columns; column += step) {
        struct tile tile = whole;
        const ptrdiff_t width = lesser(step, columns - column);
        tile.b = whole.b + column / lanes * whole.panel_stride;
        for (ptrdiff_t index = 0; index < panels; index++) {
            const ptrdiff_t row = panel_start(rows, panels, index);
            const ptrdiff_t count = panel_start(rows, panels, index + 1) - row;
            tile.a = whole.a + row * whole.depth;
            tile.start = whole.start ? whole.start + row * whole.start_stride + column : 0;
            tile.y = whole.y + row * whole.y_stride + column;
            if (width % lanes > 0)
                multiply_edge(build, tile, count, width);
            else
                build->tiles[count - 1][width / lanes - 1](&tile);
        }
    }
}

/// Rows of the left side, packed; whole vectors may be written behind them.
typedef float packed_rows[block_rows * largest_depth + lanes] __attribute__((aligned(64)));

/// All rows of one depth against packed columns.
static void multiply_rows(const struct build *build, struct kernel_matrix a, struct tile whole, ptrdiff_t rows,
                          ptrdiff_t columns) {
    packed_rows left;
    const ptrdiff_t blocks = divided_up(rows, block_rows);
    for (ptrdiff_t index = 0; index < blocks; index++) {
        const ptrdiff_t row = panel_start(rows, blocks, index);
        const ptrdiff_t count = panel_start(rows, blocks, index + 1) - row;
        pack_rows(build, part(a, row, 0), left, count, whole.depth);
        struct tile tile = whole;
        tile.a = left;
        tile.start = whole.start ? whole.start + row * whole.start_stride : 0;
        tile.y = whole.y + row * whole.y_stride;
        multiply_block(build, tile, count, columns);
    }
}

ptrdiff_t kernel_product_packed_count(ptrdiff_t inner, ptrdiff_t columns) { return divided_up(columns, lanes) * lanes * inner; }

void kernel_product_pack(int level, struct kernel_matrix b, float *packed, ptrdiff_t inner, ptrdiff_t columns) {
    const struct build build = build_for(level);
    pack_columns(&build, b, packed, inner, columns);
}

void kernel_product_packed(int level, struct kernel_matrix a, const float *packed, const float *start,
                            ptrdiff_t start_stride, float *y, ptrdiff_t y_stride, ptrdiff_t rows, ptrdiff_t inner,
                            ptrdiff_t columns) {
    const struct build build = build_for(level);
    const ptrdiff_t largest = depth_of_blocks(inner);
    struct tile tile = {0, packed, lanes * inner, 0, start, start_stride, y, y_stride};
    ptrdiff_t k = 0;
    do {
        tile.b = packed + k * lanes;
        tile.depth = lesser(largest, inner - k);
        multiply_rows(&build, part(a, 0, k), tile, rows, columns);
        tile.start = y;
        tile.start_stride = y_stride;
        k += largest;
    } while (k < inner);
}

/// As much of the right side as fits, packed.
typedef float packed_columns[block_right] __attribute__((aligned(64)));

void kernel_product(int level, struct kernel_matrix a, struct kernel_matrix b, const float *start,
                    ptrdiff_t start_stride, float *y, ptrdiff_t y_stride, ptrdiff_t rows, ptrdiff_t inner,
                    ptrdiff_t columns) {
    const struct build build = build_for(level);
    const ptrdiff_t largest = depth_of_blocks(inner);
    const ptrdiff_t widest = block_right / largest / (most_panels * lanes) * (most_panels * lanes);
    packed_columns right;
    ptrdiff_t k = 0;
    do {
        const ptrdiff_t depth = lesser(largest, inner - k);
        for (ptrdiff_t column = 0; column < columns; column += widest) {
            const ptrdiff_t count = lesser(widest, columns - column);
            pack_columns(&build, part(b, k, column), right, depth, count);
            const float *begun = start ? start + column : 0;
            const struct tile tile = {0, right, lanes * depth, depth, begun, start_stride, y + column, y_stride};
            multiply_rows(&build, part(a, 0, k), tile, rows, count);
        }
        start = y;
        start_stride = y_stride;
        k += largest;
    } while (k < inner);
}
