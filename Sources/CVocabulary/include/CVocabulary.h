#ifndef STILLHOUSE_CVOCABULARY_H
#define STILLHOUSE_CVOCABULARY_H

#include <stddef.h>

// Text files that travel inside the executable (NOTICE.md says where they come from). They live as long as the process.

/// CLIP's byte-pair merges: two symbols and a newline each, lowest rank first.
const unsigned char *vocabulary_clip_merges(size_t *count);
/// HTML's character references: a name and hexadecimal code points, separated by spaces, and a newline each.
const unsigned char *vocabulary_html_entities(size_t *count);

#endif
