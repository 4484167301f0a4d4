#include "CVocabulary.h"

// The compiler takes the files in as they are; as Swift or C literals they would be slow to compile.
#pragma clang diagnostic ignored "-Wc23-extensions"

static const unsigned char clip_merges[] = {
#embed "clip_merges.txt"
};

static const unsigned char html_entities[] = {
#embed "html_entities.txt"
};

const unsigned char *vocabulary_clip_merges(size_t *count) {
    *count = sizeof clip_merges;
    return clip_merges;
}

const unsigned char *vocabulary_html_entities(size_t *count) {
    *count = sizeof html_entities;
    return html_entities;
}
