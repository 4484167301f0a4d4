// JPEG and PNG in memory, both ways. Errors of the libraries travel by longjmp inside these files only: a caller gets a
// status and the library's own sentence.
#ifndef STILLHOUSE_CODECS_H
#define STILLHOUSE_CODECS_H

#include <stddef.h>
#include <stdint.h>

#if defined(__cplusplus)
extern "C" {
#endif

typedef enum codec_status {
    CODEC_OK = 0,
    CODEC_TRUNCATED = 1,    // the bytes end too early
    CODEC_CORRUPT = 2,      // the bytes contradict the format
    CODEC_UNSUPPORTED = 3,  // legal, but not something we read
    CODEC_TOO_LARGE = 4,    // beyond the limits; nothing was allocated for pixels
    CODEC_NO_MEMORY = 5
} codec_status;

#define CODEC_MESSAGE_SIZE 256

typedef struct codec_limits {
    uint32_t max_side;
    uint64_t max_pixels;
} codec_limits;

typedef struct codec_header {
    uint32_t width;
    uint32_t height;
    int components;   // as stored: 1 grey or palette index, 2 grey + alpha, 3 colour, 4 colour + alpha or CMYK
    int bit_depth;    // per component, as stored
    int orientation;  // EXIF 1...8; 1 where there is none
    int has_alpha;    // an alpha channel or a transparent colour
} codec_header;

typedef struct codec_bytes {
    uint8_t *data;  // to be given back to codec_bytes_free
    size_t count;
} codec_bytes;

typedef struct codec_palette {
    uint8_t rgb[768];
    int count;  // of colours; 0 where there is no palette
} codec_palette;

// Reads up to the first scan. `header` is also filled when the answer is CODEC_TOO_LARGE.
codec_status codec_jpeg_header(const uint8_t *bytes, size_t count, codec_limits limits, codec_header *header,
                               char message[CODEC_MESSAGE_SIZE]);

// Writes width * height * 3 bytes of RGB. `header` comes from codec_jpeg_header on the same bytes.
codec_status codec_jpeg_decode(const uint8_t *bytes, size_t count, const codec_header *header, uint8_t *pixels,
                               char message[CODEC_MESSAGE_SIZE]);

// Quality 1...100. Chroma is stored at full resolution when `full_chroma` is not 0, else halved both ways.
codec_status codec_jpeg_encode(const uint8_t *pixels, uint32_t width, uint32_t height, int quality, int full_chroma,
                               codec_bytes *out, char message[CODEC_MESSAGE_SIZE]);

codec_status codec_png_header(const uint8_t *bytes, size_t count, codec_limits limits, codec_header *header,
                              char message[CODEC_MESSAGE_SIZE]);

// Writes width * height * channels bytes; channels 3 drops alpha, 4 keeps it (255 where there is none). Sets
// header->orientation, as the EXIF chunk may follow the pixels.
codec_status codec_png_decode(const uint8_t *bytes, size_t count, codec_header *header, int channels, uint8_t *pixels,
                              char message[CODEC_MESSAGE_SIZE]);

// Writes the numbers of a grey or palette PNG as stored: width * height times uint8_t, or uint16_t where header.bit_depth
// is 16, in this machine's byte order. `header` comes from codec_png_header on the same bytes; anything with more than one
// component is CODEC_UNSUPPORTED.
codec_status codec_png_indices(const uint8_t *bytes, size_t count, codec_header header, void *indices,
                               codec_palette *palette, char message[CODEC_MESSAGE_SIZE]);

// Channels 3 or 4, eight bits each. Level 0...9 is zlib's.
codec_status codec_png_encode(const uint8_t *pixels, uint32_t width, uint32_t height, int channels, int level,
                              codec_bytes *out, char message[CODEC_MESSAGE_SIZE]);

// One byte a pixel, all below palette->count, which is 1...256; `transparent` is an index shown as nothing, or -1.
codec_status codec_png_encode_indices(const uint8_t *indices, uint32_t width, uint32_t height,
                                      const codec_palette *palette, int transparent, int level, codec_bytes *out,
                                      char message[CODEC_MESSAGE_SIZE]);

void codec_bytes_free(codec_bytes *bytes);

// The orientation tag of a TIFF block (what follows "Exif\0\0"), or 1 if there is none that is legal.
int codec_exif_orientation(const uint8_t *tiff, size_t count);

#if defined(__cplusplus)
}
#endif

#endif
