#include "codecs.h"
#include "exceeds.h"

#include <setjmp.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <jpeglib.h>
#include <jerror.h>

// A progressive file may repeat its scans at no cost to its author; real ones have about ten. Each passes over the whole
// picture, so a large one may have fewer: for 64 Mi pixels 32 scans are some seconds of work.
enum { MAX_SCANS = 200, MAX_SCANS_OF_LARGE = 32, MAX_EXIF = 0xFFFF };
static const uint64_t MAX_SCANNED_PIXELS = (uint64_t)1 << 31;

typedef struct {
    struct jpeg_error_mgr base;  // first, so that libjpeg's pointer is also ours
    jmp_buf escape;
    codec_status status;
    char *message;
} jpeg_errors;

static void leave(j_common_ptr info, codec_status status) {
    jpeg_errors *errors = (jpeg_errors *)info->err;
    char text[JMSG_LENGTH_MAX];
    errors->base.format_message(info, text);
    snprintf(errors->message, CODEC_MESSAGE_SIZE, "%s", text);
    errors->status = status;
    longjmp(errors->escape, 1);
}

static void on_error(j_common_ptr info) {
    switch (info->err->msg_code) {
    case JERR_OUT_OF_MEMORY: leave(info, CODEC_NO_MEMORY); break;
    case JERR_INPUT_EMPTY:
    case JERR_INPUT_EOF: leave(info, CODEC_TRUNCATED); break;
    case JERR_BAD_PRECISION:
    case JERR_CONVERSION_NOTIMPL:
    case JERR_NOT_COMPILED:
    case JERR_ARITH_NOTIMPL:
    case JERR_SOF_UNSUPPORTED: leave(info, CODEC_UNSUPPORTED); break;
    default: leave(info, CODEC_CORRUPT); break;
    }
}

// libjpeg goes on after a warning and fills what is missing with grey. A picture that is partly invented must not train
// anything, so every warning that touches pixels ends the decoding; what remains concerns bytes nobody draws.
static void on_message(j_common_ptr info, int level) {
    if (level >= 0) return;
    switch (info->err->msg_code) {
    case JWRN_EXTRANEOUS_DATA:
    case JWRN_ADOBE_XFORM:
    case JWRN_JFIF_MAJOR:
    case JWRN_BOGUS_PROGRESSION: return;
    case JWRN_JPEG_EOF:
    case JWRN_HIT_MARKER: leave(info, CODEC_TRUNCATED); break;
    default: leave(info, CODEC_CORRUPT); break;
    }
}

static void on_progress(j_common_ptr info) {
    if (!info->is_decompressor) return;
    const j_decompress_ptr decoder = (j_decompress_ptr)info;
    const int scans = decoder->input_scan_number;
    const uint64_t pixels = (uint64_t)decoder->image_width * decoder->image_height;
    if (scans > MAX_SCANS || (scans > MAX_SCANS_OF_LARGE && (uint64_t)scans * pixels > MAX_SCANNED_PIXELS)) {
        info->err->msg_code = JERR_BAD_PROGRESSION;
        leave(info, CODEC_CORRUPT);
    }
}

static struct jpeg_error_mgr *install(jpeg_errors *errors, char *message) {
    struct jpeg_error_mgr *base = jpeg_std_error(&errors->base);
    base->error_exit = on_error;
    base->emit_message = on_message;
    errors->status = CODEC_OK;
    errors->message = message;
    message[0] = 0;
    return base;
}

static int orientation_of(j_decompress_ptr info) {
    for (jpeg_saved_marker_ptr marker = info->marker_list; marker != NULL; marker = marker->next) {
        const int is_exif = marker->data_length > 6 && memcmp(marker->data, "Exif\0\0", 6) == 0;
        if (is_exif) return codec_exif_orientation(marker->data + 6, marker->data_length - 6);
    }
    return 1;
}

codec_status codec_jpeg_header(const uint8_t *bytes, size_t count, codec_limits limits, codec_header *header,
                               char message[CODEC_MESSAGE_SIZE]) {
    struct jpeg_decompress_struct info;
    jpeg_errors errors;
    memset(&info, 0, sizeof info);
    memset(header, 0, sizeof *header);
    info.err = install(&errors, message);
    if (setjmp(errors.escape)) {
        jpeg_destroy_decompress(&info);
        return errors.status;
    }
    jpeg_create_decompress(&info);
    jpeg_mem_src(&info, bytes, count);
    jpeg_save_markers(&info, JPEG_APP0 + 1, MAX_EXIF);
    jpeg_read_header(&info, TRUE);
    header->width = info.image_width;
    header->height = info.image_height;
    header->components = info.num_components;
    header->bit_depth = info.data_precision;
    header->orientation = orientation_of(&info);
    jpeg_destroy_decompress(&info);
    return codec_exceeds(limits, header->width, header->height) ? CODEC_TOO_LARGE : CODEC_OK;
}

// Multiplies two bytes as fractions of 255, rounded.
static uint8_t fraction(unsigned a, unsigned b) {
    const unsigned product = a * b + 128;
    return (uint8_t)(((product >> 8) + product) >> 8);
}

// Four-colour JPEGs hold inverted ink (Adobe's habit, and Pillow's assumption): 255 is no ink. The difference rather
// than the product keeps Pillow's rounding.
static void rgb_from_inverted_cmyk(const uint8_t *cmyk, uint8_t *rgb, uint32_t width) {
    for (uint32_t x = 0; x < width; x++, cmyk += 4, rgb += 3) {
        const uint8_t light = cmyk[3];
        for (int c = 0; c < 3; c++) rgb[c] = (uint8_t)(light - fraction(255u - cmyk[c], light));
    }
}

codec_status codec_jpeg_decode(const uint8_t *bytes, size_t count, const codec_header *header, uint8_t *pixels,
                               char message[CODEC_MESSAGE_SIZE]) {
    struct jpeg_decompress_struct info;
    struct jpeg_progress_mgr progress;
    jpeg_errors errors;
    memset(&info, 0, sizeof info);
    memset(&progress, 0, sizeof progress);
    info.err = install(&errors, message);
    if (setjmp(errors.escape)) {
        jpeg_destroy_decompress(&info);
        return errors.status;
    }
    jpeg_create_decompress(&info);
    progress.progress_monitor = on_progress;
    info.progress = &progress;
    jpeg_mem_src(&info, bytes, count);
    jpeg_read_header(&info, TRUE);
    if (info.image_width != header->width || info.image_height != header->height) {
        snprintf(message, CODEC_MESSAGE_SIZE, "the size differs from the header read before");
        jpeg_destroy_decompress(&info);
        return CODEC_CORRUPT;
    }
    const int is_cmyk = info.jpeg_color_space == JCS_CMYK || info.jpeg_color_space == JCS_YCCK;
    info.out_color_space = is_cmyk ? JCS_CMYK : JCS_RGB;
    info.dct_method = JDCT_ISLOW;  // the exact one; its result is the same on every machine
    jpeg_start_decompress(&info);
    const size_t stride = (size_t)info.output_width * 3;
    JSAMPARRAY inks = NULL;
    if (is_cmyk) {
        inks = info.mem->alloc_sarray((j_common_ptr)&info, JPOOL_IMAGE, info.output_width * 4, 1);
    }
    while (info.output_scanline < info.output_height) {
        JSAMPROW row = pixels + stride * info.output_scanline;
        if (is_cmyk) {
            jpeg_read_scanlines(&info, inks, 1);
            rgb_from_inverted_cmyk(inks[0], row, info.output_width);
        } else {
            jpeg_read_scanlines(&info, &row, 1);
        }
    }
    jpeg_finish_decompress(&info);  // runs to the end marker, so that a missing one is noticed
    jpeg_destroy_decompress(&info);
    return CODEC_OK;
}

codec_status codec_jpeg_encode(const uint8_t *pixels, uint32_t width, uint32_t height, int quality, int full_chroma,
                               codec_bytes *out, char message[CODEC_MESSAGE_SIZE]) {
    struct jpeg_compress_struct info;
    jpeg_errors errors;
    // libjpeg writes through these until the end, also after an error: they must not live in registers.
    unsigned char *volatile data = NULL;
    volatile unsigned long size = 0;
    out->data = NULL;
    out->count = 0;
    memset(&info, 0, sizeof info);
    info.err = install(&errors, message);
    if (setjmp(errors.escape)) {
        jpeg_destroy_compress(&info);
        free(data);
        return errors.status;
    }
    jpeg_create_compress(&info);
    jpeg_mem_dest(&info, (unsigned char **)&data, (unsigned long *)&size);
    info.image_width = width;
    info.image_height = height;
    info.input_components = 3;
    info.in_color_space = JCS_RGB;
    jpeg_set_defaults(&info);
    jpeg_set_quality(&info, quality, TRUE);
    if (full_chroma) {
        info.comp_info[0].h_samp_factor = 1;
        info.comp_info[0].v_samp_factor = 1;
    }
    jpeg_start_compress(&info, TRUE);
    while (info.next_scanline < info.image_height) {
        JSAMPROW row = (JSAMPROW)pixels + (size_t)info.next_scanline * width * 3;
        jpeg_write_scanlines(&info, &row, 1);
    }
    jpeg_finish_compress(&info);
    jpeg_destroy_compress(&info);
    out->data = data;
    out->count = size;
    return CODEC_OK;
}
