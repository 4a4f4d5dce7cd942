/* What the scanner can be told: which options there are is up to the text file. */
#ifndef OPTIONS_H
#define OPTIONS_H

#include <sane/sane.h>
#include <stdbool.h>

#include "behaviour.h"

enum name {
    COUNT,
    STANDARD,
    SOURCE,
    MODE,
    DEPTH,
    RESOLUTION,
    ADF_MODE,
    GEOMETRY,
    PAGE_WIDTH,
    PAGE_HEIGHT,
    TL_X,
    TL_Y,
    BR_X,
    BR_Y,
    EXTRAS,
    BRIGHTNESS,
    PREVIEW,
    GAMMA,
    CALIBRATE,
    GIVEN, /* the first of those that the text file names */
    NAMES = GIVEN + 12
};

#define CHOICES 16
#define GAMMA_WORDS 256

struct option {
    SANE_Option_Descriptor descriptor;
    SANE_Range range;
    SANE_Word words[CHOICES + 1];
    SANE_String_Const strings[CHOICES + 1];
    char text[VALUE];
    char value[VALUE];
    SANE_Word word;
};

struct options {
    int device;
    int count;
    enum name at[NAMES];
    char given[NAMES - GIVEN][64]; /* their names */
    struct option of[NAMES];
};

enum colour { LINEART, GRAY, COLOR };

/* A page as the options ask for it; all in pixels of the chosen resolution. */
struct frame {
    enum colour colour;
    int depth, left, top, width, height;
};

void options_begin(struct options *all, int device);

/* GET or SET one option, as sane_control_option does; `detail` gets a line for the log, at most VALUE characters. */
SANE_Status options_control(struct options *all, int index, SANE_Action action, void *value, SANE_Int *info,
                            char *detail);

bool options_feeder(const struct options *all);
struct frame options_frame(const struct options *all);

#endif
