#include "codecs.h"

#include <string.h>

static uint32_t read16(const uint8_t *p, int big) {
    return big ? (uint32_t)p[0] << 8 | p[1] : (uint32_t)p[1] << 8 | p[0];
}

static uint32_t read32(const uint8_t *p, int big) {
    return big ? read16(p, 1) << 16 | read16(p + 2, 1) : read16(p + 2, 0) << 16 | read16(p, 0);
}

// EXIF 2.3, section 4.6: byte order mark, 42, offset of the first directory; there,
// entries of 12 bytes: tag, type, count, value.
int codec_exif_orientation(const uint8_t *tiff, size_t count) {
    if (count < 8) return 1;
    int big;
    if (memcmp(tiff, "MM\0*", 4) == 0) {
        big = 1;
    } else if (memcmp(tiff, "II*\0", 4) == 0) {
        big = 0;
    } else {
        return 1;
    }
    const size_t directory = read32(tiff + 4, big);
    if (directory > count - 2) return 1;
    const size_t entries = read16(tiff + directory, big);
    const size_t room = (count - directory - 2) / 12;
    for (size_t i = 0; i < entries && i < room; i++) {
        const uint8_t *entry = tiff + directory + 2 + 12 * i;
        const int is_orientation = read16(entry, big) == 0x0112;
        if (is_orientation && read16(entry + 2, big) == 3 && read32(entry + 4, big) == 1) {
            const uint32_t value = read16(entry + 8, big);
            return value >= 1 && value <= 8 ? (int)value : 1;
        }
    }
    return 1;
}
