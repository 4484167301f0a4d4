#include "codecs.h"
#include "exceeds.h"

#include <setjmp.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <png.h>

// What a text, profile or EXIF chunk may unpack to; pixels are bounded by the limits instead.
enum { MAX_CHUNK = 8 << 20 };

typedef struct {
    jmp_buf escape;
    codec_status status;
    char *message;
    const uint8_t *bytes;  // reading
    size_t count;
    size_t position;
    codec_bytes *out;  // writing
    size_t capacity;
} png_context;

static void on_error(png_structp png, png_const_charp text) {
    png_context *context = png_get_error_ptr(png);
    snprintf(context->message, CODEC_MESSAGE_SIZE, "%s", text);
    if (context->status == CODEC_OK) context->status = CODEC_CORRUPT;
    longjmp(context->escape, 1);
}

static void on_warning(png_structp png, png_const_charp text) {
    (void)png;
    (void)text;
}

static void on_read(png_structp png, png_bytep target, size_t length) {
    png_context *context = png_get_io_ptr(png);
    if (length > context->count - context->position) {
        context->status = CODEC_TRUNCATED;
        png_error(png, "unexpected end of file");
    }
    memcpy(target, context->bytes + context->position, length);
    context->position += length;
}

static void on_write(png_structp png, png_bytep source, size_t length) {
    png_context *context = png_get_io_ptr(png);
    codec_bytes *out = context->out;
    if (length > context->capacity - out->count) {
        const size_t capacity = 2 * context->capacity + length;
        uint8_t *data = realloc(out->data, capacity);
        if (data == NULL) {
            context->status = CODEC_NO_MEMORY;
            png_error(png, "out of memory");
        }
        out->data = data;
        context->capacity = capacity;
    }
    memcpy(out->data + out->count, source, length);
    out->count += length;
}

static void on_flush(png_structp png) {
    (void)png;
}

static void begin(png_context *context, const uint8_t *bytes, size_t count, char *message) {
    memset(context, 0, sizeof *context);
    context->bytes = bytes;
    context->count = count;
    context->message = message;
    message[0] = 0;
}

static png_structp create_reader(png_context *context) {
    png_structp png = png_create_read_struct(PNG_LIBPNG_VER_STRING, context, on_error, on_warning);
    if (png == NULL) return NULL;
    png_set_read_fn(png, context, on_read);
    png_set_user_limits(png, PNG_UINT_31_MAX, PNG_UINT_31_MAX);  // ours are checked right after the header
    png_set_chunk_malloc_max(png, MAX_CHUNK);
    png_set_chunk_cache_max(png, 64);
    // Profiles and texts may be compressed and are never looked at.
    static const png_byte ignored[] = {'i', 'C', 'C', 'P', 0, 'i', 'T', 'X', 't', 0, 't', 'E', 'X', 't', 0,
                                       'z', 'T', 'X', 't', 0, 's', 'P', 'L', 'T', 0};
    png_set_keep_unknown_chunks(png, PNG_HANDLE_CHUNK_NEVER, ignored, sizeof ignored / 5);
    return png;
}

static int orientation_of(png_structp png, png_infop info) {
    png_uint_32 count = 0;
    png_bytep exif = NULL;
    return png_get_eXIf_1(png, info, &count, &exif) ? codec_exif_orientation(exif, count) : 1;
}

static void fill_header(png_structp png, png_infop info, codec_header *header) {
    header->width = png_get_image_width(png, info);
    header->height = png_get_image_height(png, info);
    header->components = png_get_channels(png, info);
    header->bit_depth = png_get_bit_depth(png, info);
    header->orientation = orientation_of(png, info);
    const int has_channel = (png_get_color_type(png, info) & PNG_COLOR_MASK_ALPHA) != 0;
    header->has_alpha = has_channel || png_get_valid(png, info, PNG_INFO_tRNS) != 0;
}

codec_status codec_png_header(const uint8_t *bytes, size_t count, codec_limits limits, codec_header *header,
                              char message[CODEC_MESSAGE_SIZE]) {
    png_context context;
    begin(&context, bytes, count, message);
    memset(header, 0, sizeof *header);
    png_structp png = create_reader(&context);
    png_infop volatile info = NULL;
    if (png == NULL) return CODEC_NO_MEMORY;
    if (setjmp(context.escape)) {
        png_destroy_read_struct(&png, (png_infopp)&info, NULL);
        return context.status;
    }
    info = png_create_info_struct(png);
    if (info == NULL) {
        png_destroy_read_struct(&png, NULL, NULL);
        return CODEC_NO_MEMORY;
    }
    png_read_info(png, info);
    fill_header(png, info, header);
    png_destroy_read_struct(&png, (png_infopp)&info, NULL);
    return codec_exceeds(limits, header->width, header->height) ? CODEC_TOO_LARGE : CODEC_OK;
}

// Everything becomes eight bits and three or four channels. Sixteen bits are scaled with rounding, not cut.
static void set_transformations(png_structp png, png_infop info, int channels) {
    const int type = png_get_color_type(png, info);
    png_set_scale_16(png);
    if (type == PNG_COLOR_TYPE_PALETTE) png_set_palette_to_rgb(png);
    if (type == PNG_COLOR_TYPE_GRAY) png_set_expand_gray_1_2_4_to_8(png);
    if ((type & PNG_COLOR_MASK_COLOR) == 0) png_set_gray_to_rgb(png);
    const int has_transparency = png_get_valid(png, info, PNG_INFO_tRNS) != 0;
    if (channels == 4) {
        if (has_transparency) png_set_tRNS_to_alpha(png);
        if ((type & PNG_COLOR_MASK_ALPHA) == 0 && !has_transparency) png_set_add_alpha(png, 0xFF, PNG_FILLER_AFTER);
    } else {
        png_set_strip_alpha(png);
    }
}

codec_status codec_png_decode(const uint8_t *bytes, size_t count, codec_header *header, int channels, uint8_t *pixels,
                              char message[CODEC_MESSAGE_SIZE]) {
    png_context context;
    begin(&context, bytes, count, message);
    png_structp png = create_reader(&context);
    png_infop volatile info = NULL;
    if (png == NULL) return CODEC_NO_MEMORY;
    if (setjmp(context.escape)) {
        png_destroy_read_struct(&png, (png_infopp)&info, NULL);
        return context.status;
    }
    info = png_create_info_struct(png);
    if (info == NULL) {
        png_destroy_read_struct(&png, NULL, NULL);
        return CODEC_NO_MEMORY;
    }
    png_read_info(png, info);
    set_transformations(png, info, channels);
    const int passes = png_set_interlace_handling(png);
    png_read_update_info(png, info);
    const size_t stride = (size_t)header->width * (size_t)channels;
    const int is_same_width = png_get_image_width(png, info) == header->width;
    const int is_same_height = png_get_image_height(png, info) == header->height;
    if (!is_same_width || !is_same_height || png_get_rowbytes(png, info) != stride) {
        png_error(png, "the size differs from the header read before");
    }
    for (int pass = 0; pass < passes; pass++) {
        for (uint32_t y = 0; y < header->height; y++) png_read_row(png, pixels + stride * y, NULL);
    }
    png_read_end(png, info);
    header->orientation = orientation_of(png, info);
    png_destroy_read_struct(&png, (png_infopp)&info, NULL);
    return CODEC_OK;
}

// Nothing is scaled or expanded, bits are only unpacked to whole bytes.
static void set_index_transformations(png_structp png, png_infop info, codec_header header) {
    const int type = png_get_color_type(png, info);
    if (type != PNG_COLOR_TYPE_GRAY && type != PNG_COLOR_TYPE_PALETTE) png_error(png, "colours, not indices");
    if (png_get_bit_depth(png, info) < 8) png_set_packing(png);
#if __BYTE_ORDER__ == __ORDER_LITTLE_ENDIAN__
    if (png_get_bit_depth(png, info) == 16) png_set_swap(png);
#endif
    if (png_get_bit_depth(png, info) != header.bit_depth) png_error(png, "the depth differs from the header read before");
}

static void copy_palette(png_structp png, png_infop info, codec_palette *palette) {
    png_colorp colors = NULL;
    int count = 0;
    palette->count = 0;
    if (png_get_color_type(png, info) != PNG_COLOR_TYPE_PALETTE || !png_get_PLTE(png, info, &colors, &count)) return;
    palette->count = count < 256 ? count : 256;
    for (int i = 0; i < palette->count; i++) {
        palette->rgb[3 * i] = colors[i].red;
        palette->rgb[3 * i + 1] = colors[i].green;
        palette->rgb[3 * i + 2] = colors[i].blue;
    }
}

codec_status codec_png_indices(const uint8_t *bytes, size_t count, codec_header header, void *indices,
                               codec_palette *palette, char message[CODEC_MESSAGE_SIZE]) {
    png_context context;
    begin(&context, bytes, count, message);
    memset(palette, 0, sizeof *palette);
    if (header.components != 1) return CODEC_UNSUPPORTED;
    png_structp png = create_reader(&context);
    png_infop volatile info = NULL;
    if (png == NULL) return CODEC_NO_MEMORY;
    if (setjmp(context.escape)) {
        png_destroy_read_struct(&png, (png_infopp)&info, NULL);
        return context.status;
    }
    info = png_create_info_struct(png);
    if (info == NULL) {
        png_destroy_read_struct(&png, NULL, NULL);
        return CODEC_NO_MEMORY;
    }
    png_read_info(png, info);
    set_index_transformations(png, info, header);
    copy_palette(png, info, palette);
    const int passes = png_set_interlace_handling(png);
    png_read_update_info(png, info);
    const size_t stride = (size_t)header.width * (header.bit_depth == 16 ? 2 : 1);
    const int is_same_width = png_get_image_width(png, info) == header.width;
    const int is_same_height = png_get_image_height(png, info) == header.height;
    if (!is_same_width || !is_same_height || png_get_rowbytes(png, info) != stride) {
        png_error(png, "the size differs from the header read before");
    }
    for (int pass = 0; pass < passes; pass++) {
        for (uint32_t y = 0; y < header.height; y++) png_read_row(png, (uint8_t *)indices + stride * y, NULL);
    }
    png_read_end(png, info);
    png_destroy_read_struct(&png, (png_infopp)&info, NULL);
    return CODEC_OK;
}

static void write_palette(png_structp png, png_infop info, const codec_palette *palette, int transparent) {
    png_color colors[PNG_MAX_PALETTE_LENGTH];
    png_byte alpha[PNG_MAX_PALETTE_LENGTH];
    for (int i = 0; i < palette->count; i++) {
        colors[i].red = palette->rgb[3 * i];
        colors[i].green = palette->rgb[3 * i + 1];
        colors[i].blue = palette->rgb[3 * i + 2];
        alpha[i] = i == transparent ? 0 : 0xFF;
    }
    png_set_PLTE(png, info, colors, palette->count);
    if (transparent >= 0) png_set_tRNS(png, info, alpha, transparent + 1, NULL);
}

// With a palette the pixels are its indices, one channel.
static codec_status encode(const uint8_t *pixels, uint32_t width, uint32_t height, int channels,
                           const codec_palette *palette, int transparent, int level, codec_bytes *out,
                           char message[CODEC_MESSAGE_SIZE]) {
    png_context context;
    begin(&context, NULL, 0, message);
    context.out = out;
    out->data = NULL;
    out->count = 0;
    png_structp png = png_create_write_struct(PNG_LIBPNG_VER_STRING, &context, on_error, on_warning);
    png_infop volatile info = NULL;
    if (png == NULL) return CODEC_NO_MEMORY;
    if (setjmp(context.escape)) {
        png_destroy_write_struct(&png, (png_infopp)&info);
        codec_bytes_free(out);
        return context.status;
    }
    info = png_create_info_struct(png);
    if (info == NULL) {
        png_destroy_write_struct(&png, NULL);
        return CODEC_NO_MEMORY;
    }
    png_set_write_fn(png, &context, on_write, on_flush);
    png_set_compression_level(png, level);
    const int color = channels == 4 ? PNG_COLOR_TYPE_RGB_ALPHA : PNG_COLOR_TYPE_RGB;
    png_set_IHDR(png, info, width, height, 8, palette == NULL ? color : PNG_COLOR_TYPE_PALETTE, PNG_INTERLACE_NONE,
                 PNG_COMPRESSION_TYPE_DEFAULT, PNG_FILTER_TYPE_DEFAULT);
    if (palette != NULL) write_palette(png, info, palette, transparent);
    png_write_info(png, info);
    for (uint32_t y = 0; y < height; y++) {
        png_write_row(png, pixels + (size_t)y * width * (size_t)channels);
    }
    png_write_end(png, info);
    png_destroy_write_struct(&png, (png_infopp)&info);
    return CODEC_OK;
}

codec_status codec_png_encode(const uint8_t *pixels, uint32_t width, uint32_t height, int channels, int level,
                              codec_bytes *out, char message[CODEC_MESSAGE_SIZE]) {
    return encode(pixels, width, height, channels, NULL, -1, level, out, message);
}

codec_status codec_png_encode_indices(const uint8_t *indices, uint32_t width, uint32_t height,
                                      const codec_palette *palette, int transparent, int level, codec_bytes *out,
                                      char message[CODEC_MESSAGE_SIZE]) {
    return encode(indices, width, height, 1, palette, transparent, level, out, message);
}

void codec_bytes_free(codec_bytes *bytes) {
    free(bytes->data);
    bytes->data = NULL;
    bytes->count = 0;
}
