#define _GNU_SOURCE
#include "options.h"

#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static const char *const NAME[GIVEN] = {
    [COUNT] = "",           [STANDARD] = "standard",        [SOURCE] = "source",           [MODE] = "mode",
    [DEPTH] = "depth",      [RESOLUTION] = "resolution",    [ADF_MODE] = "adf-mode",       [GEOMETRY] = "geometry",
    [TL_X] = "tl-x",        [TL_Y] = "tl-y",                [BR_X] = "br-x",               [BR_Y] = "br-y",
    [EXTRAS] = "extras",    [PAGE_WIDTH] = "page-width",    [PAGE_HEIGHT] = "page-height", [PREVIEW] = "preview",
    [GAMMA] = "gamma-table", [BRIGHTNESS] = "brightness",   [CALIBRATE] = "calibrate"};

#define INCH 25.4

/* Describing --------------------------------------------------------------------------------------------- */

static const char *name_of(const struct options *all, enum name name) {
    return name < GIVEN ? NAME[name] : all->given[name - GIVEN];
}

static SANE_Option_Descriptor *describe(struct options *all, enum name name, SANE_Value_Type type, SANE_Unit unit) {
    SANE_Option_Descriptor *it = &all->of[name].descriptor;
    bool settable = type != SANE_TYPE_GROUP && name != COUNT;
    bool inactive = listed(all->device, "inactive", name_of(all, name));
    *it = (SANE_Option_Descriptor){
        .name = name_of(all, name),
        .title = name_of(all, name),
        .desc = name_of(all, name),
        .type = type,
        .unit = unit,
        .size = type == SANE_TYPE_STRING ? VALUE : type == SANE_TYPE_GROUP ? 0 : (SANE_Int)sizeof(SANE_Word),
        .cap = SANE_CAP_SOFT_DETECT | (settable ? SANE_CAP_SOFT_SELECT : 0) | (inactive ? SANE_CAP_INACTIVE : 0),
    };
    all->at[all->count++] = name;
    return it;
}

static void describe_range(struct options *all, enum name name, SANE_Value_Type type, SANE_Unit unit, SANE_Range range) {
    SANE_Option_Descriptor *it = describe(all, name, type, unit);
    all->of[name].range = range;
    it->constraint_type = SANE_CONSTRAINT_RANGE;
    it->constraint.range = &all->of[name].range;
}

/* `A|B:kind|C`: what stands after a colon is for options_frame, not for the frontend. */
static int split(struct option *option) {
    int count = 0;
    char *rest = NULL;
    for (char *item = strtok_r(option->text, "|", &rest); item && count < CHOICES; item = strtok_r(NULL, "|", &rest)) {
        char *colon = strchr(item, ':');
        if (colon) *colon = 0;
        option->strings[count++] = item;
    }
    option->strings[count] = NULL;
    return count;
}

/* Of the strings in the option's text. */
static SANE_Option_Descriptor *describe_list(struct options *all, enum name name) {
    struct option *option = &all->of[name];
    split(option);
    SANE_Option_Descriptor *it = describe(all, name, SANE_TYPE_STRING, SANE_UNIT_NONE);
    it->constraint_type = SANE_CONSTRAINT_STRING_LIST;
    it->constraint.string_list = option->strings;
    if (!option->value[0]) snprintf(option->value, VALUE, "%s", option->strings[0]);
    return it;
}

static void describe_strings(struct options *all, enum name name, const char *otherwise) {
    struct option *option = &all->of[name];
    if (without(all->device, NAME[name])) return;
    if (!setting(all->device, NAME[name], option->text)) {
        if (!otherwise) return;
        snprintf(option->text, VALUE, "%s", otherwise);
    }
    describe_list(all, name);
}

static void describe_words(struct options *all, enum name name, SANE_Unit unit, SANE_Value_Type type) {
    struct option *option = &all->of[name];
    split(option);
    int count = 0;
    for (; option->strings[count]; count++)
        option->words[count + 1] = type == SANE_TYPE_FIXED ? SANE_FIX(atof(option->strings[count]))
                                                           : atoi(option->strings[count]);
    option->words[0] = count;
    SANE_Option_Descriptor *it = describe(all, name, type, unit);
    it->constraint_type = SANE_CONSTRAINT_WORD_LIST;
    it->constraint.word_list = option->words;
    if (!option->word) option->word = option->words[1];
}

/* `depth=8` is how the scanner is; only `depth=8|16` is a choice. */
static void describe_depth(struct options *all) {
    struct option *option = &all->of[DEPTH];
    if (!setting(all->device, "depth", option->text)) snprintf(option->text, VALUE, "8");
    if (strchr(option->text, '|'))
        describe_words(all, DEPTH, SANE_UNIT_BIT, SANE_TYPE_INT);
    else
        option->word = atoi(option->text);
}

/* `resolution=50..600`, `50..600/25`, `100|200|300` or `none`. */
static void describe_resolution(struct options *all) {
    struct option *option = &all->of[RESOLUTION];
    char value[VALUE];
    int low = 50, high = 600, step = 1;
    SANE_Unit unit = without(all->device, "resolution-unit") ? SANE_UNIT_NONE : SANE_UNIT_DPI;
    SANE_Value_Type type = number(all->device, "resolution-fixed", 0) ? SANE_TYPE_FIXED : SANE_TYPE_INT;
    int one = type == SANE_TYPE_FIXED ? SANE_FIX(1) : 1;
    if (without(all->device, "resolution")) return;
    bool given = setting(all->device, "resolution", value);
    if (given && sscanf(value, "%d..%d/%d", &low, &high, &step) < 2) {
        snprintf(option->text, VALUE, "%s", value);
        describe_words(all, RESOLUTION, unit, type);
        return;
    }
    describe_range(all, RESOLUTION, type, unit, (SANE_Range){low * one, high * one, step * one});
    if (!option->word) option->word = option->range.min;
}

static double resolution(const struct options *all) {
    const struct option *option = &all->of[RESOLUTION];
    if (!option->word) return number(all->device, "dpi", 100);
    return option->descriptor.type == SANE_TYPE_FIXED ? SANE_UNFIX(option->word) : option->word;
}

static void bed(const struct options *all, double *width, double *height) {
    char value[VALUE];
    *width = 215.9, *height = 297;
    if (setting(all->device, "bed", value)) sscanf(value, "%lfx%lf", width, height);
    if (options_feeder(all) && setting(all->device, "feeder-bed", value)) sscanf(value, "%lfx%lf", width, height);
}

static void describe_geometry(struct options *all) {
    char kind[VALUE] = "mm";
    double width, height;
    bed(all, &width, &height);
    if (number(all->device, "page-size", 0)) {
        describe_range(all, PAGE_WIDTH, SANE_TYPE_FIXED, SANE_UNIT_MM, (SANE_Range){0, SANE_FIX(width), 0});
        describe_range(all, PAGE_HEIGHT, SANE_TYPE_FIXED, SANE_UNIT_MM, (SANE_Range){0, SANE_FIX(height), 0});
    }
    if (without(all->device, "geometry")) return;
    setting(all->device, "geometry", kind);
    bool pixels = !strcmp(kind, "pixel"), whole = !strcmp(kind, "mm-int");
    double scale = pixels ? resolution(all) / INCH : whole ? 1 : 1 << SANE_FIXED_SCALE_SHIFT;
    for (enum name name = TL_X; name <= BR_Y; name++) {
        double most = name == TL_X || name == BR_X ? width : height;
        describe_range(all, name, pixels || whole ? SANE_TYPE_INT : SANE_TYPE_FIXED, pixels ? SANE_UNIT_PIXEL : SANE_UNIT_MM,
                       (SANE_Range){0, (SANE_Word)(most * scale), 0});
    }
}

static void describe_extras(struct options *all) {
    describe(all, EXTRAS, SANE_TYPE_GROUP, SANE_UNIT_NONE);
    describe_range(all, BRIGHTNESS, SANE_TYPE_FIXED, SANE_UNIT_PERCENT, (SANE_Range){SANE_FIX(-100), SANE_FIX(100), SANE_FIX(1)});
    describe(all, PREVIEW, SANE_TYPE_BOOL, SANE_UNIT_NONE);
    describe(all, GAMMA, SANE_TYPE_INT, SANE_UNIT_NONE)->size = GAMMA_WORDS * sizeof(SANE_Word);
    describe(all, CALIBRATE, SANE_TYPE_BUTTON, SANE_UNIT_NONE)->size = 0;
}

/* `option=NAME A|B|C` is a list, `option=NAME` a switch; `feeder-option` is there for the feeder alone. */
static SANE_Option_Descriptor *describe_option(struct options *all, enum name name) {
    struct option *option = &all->of[name];
    if (!option->text[0]) return describe(all, name, SANE_TYPE_BOOL, SANE_UNIT_NONE);
    return describe_list(all, name);
}

/* Name and values of the n-th line of that key; false where there are not as many. */
static bool next_given(struct options *all, enum name name, const char *key, int nth) {
    char line[VALUE];
    if (name >= NAMES || !nth_setting(all->device, key, nth, line)) return false;
    char *values = strchr(line, ' ');
    if (values) *values++ = 0;
    snprintf(all->given[name - GIVEN], sizeof all->given[0], "%.60s", line);
    snprintf(all->of[name].text, VALUE, "%s", values ? values : "");
    return true;
}

static void describe_given(struct options *all) {
    enum name name = GIVEN;
    for (int nth = 0; next_given(all, name, "option", nth); nth++) describe_option(all, name++);
    for (int nth = 0; next_given(all, name, "feeder-option", nth); nth++) {
        SANE_Option_Descriptor *it = describe_option(all, name++);
        if (!options_feeder(all)) it->cap |= SANE_CAP_INACTIVE;
    }
    for (int nth = 0; next_given(all, name, "sensor", nth); nth++, name++) {
        all->of[name].word = atoi(all->of[name].text);
        describe(all, name, SANE_TYPE_BOOL, SANE_UNIT_NONE)->cap = SANE_CAP_SOFT_DETECT;
    }
}

/* What a sensor says may change between any two calls. */
static void look(struct options *all, enum name name) {
    char line[VALUE];
    size_t size = strlen(name_of(all, name));
    if (name < GIVEN || SANE_OPTION_IS_SETTABLE(all->of[name].descriptor.cap)) return;
    for (int nth = 0; nth_setting(all->device, "sensor", nth, line); nth++)
        if (!strncmp(line, name_of(all, name), size) && line[size] == ' ')
            all->of[name].word = strcmp(line + size, " fault") ? atoi(line + size) : has_failed();
}

static void describe_all(struct options *all) {
    all->count = 0;
    describe(all, COUNT, SANE_TYPE_INT, SANE_UNIT_NONE);
    describe(all, STANDARD, SANE_TYPE_GROUP, SANE_UNIT_NONE);
    describe_strings(all, SOURCE, "Flatbed|ADF");
    describe_strings(all, MODE, "Lineart|Gray|Color");
    describe_depth(all);
    describe_resolution(all);
    describe_strings(all, ADF_MODE, NULL);
    describe(all, GEOMETRY, SANE_TYPE_GROUP, SANE_UNIT_NONE);
    describe_geometry(all);
    describe_extras(all);
    describe_given(all);
    all->of[COUNT].word = all->count;
}

/* Drivers forget the area when something else is set; a frontend that sets the area first finds out. */
static void whole_bed(struct options *all) {
    all->of[TL_X].word = all->of[TL_Y].word = 0;
    all->of[BR_X].word = all->of[BR_X].range.max;
    all->of[BR_Y].word = all->of[BR_Y].range.max;
    all->of[PAGE_WIDTH].word = all->of[PAGE_WIDTH].range.max;
    all->of[PAGE_HEIGHT].word = all->of[PAGE_HEIGHT].range.max;
}

void options_begin(struct options *all, int device) {
    memset(all, 0, sizeof *all);
    all->device = device;
    describe_all(all);
    whole_bed(all);
}

/* Setting ------------------------------------------------------------------------------------------------ */

static SANE_Word nearest(const SANE_Word *words, SANE_Word wanted) {
    SANE_Word best = words[1];
    for (int i = 1; i <= words[0]; i++)
        if (abs(words[i] - wanted) < abs(best - wanted)) best = words[i];
    return best;
}

static SANE_Word constrained(const struct option *option, SANE_Word wanted) {
    if (option->descriptor.constraint_type == SANE_CONSTRAINT_WORD_LIST) return nearest(option->words, wanted);
    if (option->descriptor.constraint_type != SANE_CONSTRAINT_RANGE) return wanted;
    const SANE_Range *range = &option->range;
    SANE_Word value = wanted < range->min ? range->min : wanted > range->max ? range->max : wanted;
    return range->quant ? range->min + (value - range->min + range->quant / 2) / range->quant * range->quant : value;
}

/* `clamp=NAME MOST`: a driver that takes less than it was told, and does not say so. */
static SANE_Word clamped(const struct options *all, enum name name, SANE_Word value) {
    char text[VALUE], which[VALUE];
    double most;
    if (!setting(all->device, "clamp", text) || sscanf(text, "%511s %lf", which, &most) != 2) return value;
    if (strcmp(which, NAME[name])) return value;
    SANE_Word limit = all->of[name].descriptor.type == SANE_TYPE_FIXED ? SANE_FIX(most) : (SANE_Word)most;
    return value > limit ? limit : value;
}

static void write_word(const SANE_Option_Descriptor *it, SANE_Word word, char *text) {
    if (it->type == SANE_TYPE_FIXED)
        snprintf(text, VALUE, "%.3f", SANE_UNFIX(word));
    else
        snprintf(text, VALUE, "%d", word);
}

static SANE_Status set_string(struct option *option, const char *value) {
    for (int i = 0; option->strings[i]; i++)
        if (!strcmp(option->strings[i], value)) {
            snprintf(option->value, VALUE, "%s", value);
            return SANE_STATUS_GOOD;
        }
    return SANE_STATUS_INVAL;
}

static void set_word(struct options *all, enum name name, SANE_Word wanted, SANE_Int *info) {
    struct option *option = &all->of[name];
    option->word = constrained(option, wanted);
    if (option->word != wanted) *info |= SANE_INFO_INEXACT;
    option->word = clamped(all, name, option->word);
}

static SANE_Status set(struct options *all, enum name name, void *value, SANE_Int *info) {
    struct option *option = &all->of[name];
    SANE_Status status = SANE_STATUS_GOOD;
    if (option->descriptor.type == SANE_TYPE_STRING)
        status = set_string(option, value);
    else if (option->descriptor.type != SANE_TYPE_BUTTON)
        set_word(all, name, *(SANE_Word *)value, info);
    if (status != SANE_STATUS_GOOD) return status;
    if (name == SOURCE || name == MODE || name == RESOLUTION || name == DEPTH) {
        describe_all(all);
        whole_bed(all);
        *info |= SANE_INFO_RELOAD_OPTIONS;
    }
    *info |= SANE_INFO_RELOAD_PARAMS;
    return SANE_STATUS_GOOD;
}

static SANE_Status get(const struct option *option, void *value) {
    const SANE_Option_Descriptor *it = &option->descriptor;
    if (it->type == SANE_TYPE_STRING)
        memcpy(value, option->value, it->size);
    else if (it->size >= (SANE_Int)sizeof(SANE_Word))
        memset(value, 0, it->size), *(SANE_Word *)value = option->word;
    return SANE_STATUS_GOOD;
}

static void explain(const SANE_Option_Descriptor *it, const void *value, char *detail) {
    char text[VALUE] = "";
    if (it->type == SANE_TYPE_STRING)
        snprintf(text, VALUE, "%s", (const char *)value);
    else if (it->size >= (SANE_Int)sizeof(SANE_Word))
        write_word(it, *(const SANE_Word *)value, text);
    snprintf(detail, VALUE, "%s=%.400s", it->name, text);
}

SANE_Status options_control(struct options *all, int index, SANE_Action action, void *value, SANE_Int *info,
                            char *detail) {
    SANE_Int told = 0;
    snprintf(detail, VALUE, "%d", index);
    if (index < 0 || index >= all->count || action == SANE_ACTION_SET_AUTO) return SANE_STATUS_INVAL;
    enum name name = all->at[index];
    struct option *option = &all->of[name];
    snprintf(detail, VALUE, "%s", option->descriptor.name);
    if (!SANE_OPTION_IS_ACTIVE(option->descriptor.cap)) return SANE_STATUS_INVAL;
    look(all, name);
    if (action == SANE_ACTION_GET_VALUE) return get(option, value);
    if (!SANE_OPTION_IS_SETTABLE(option->descriptor.cap)) return SANE_STATUS_INVAL;
    explain(&option->descriptor, value, detail);
    SANE_Status status = set(all, name, value, &told);
    if (info) *info = told;
    return status;
}

/* What was chosen ---------------------------------------------------------------------------------------- */

bool options_feeder(const struct options *all) {
    const char *source = all->of[SOURCE].value;
    if (!source[0]) return number(all->device, "feeder", 0);
    return strcasestr(source, "adf") || strcasestr(source, "feeder") || strcasestr(source, "duplex");
}

/* Of the key `mode`, the kind after the colon; else the name decides. */
static enum colour colour(const struct options *all) {
    char text[VALUE], *rest = NULL;
    const char *chosen = all->of[MODE].value;
    size_t size = strlen(chosen);
    if (!size) return COLOR;
    if (setting(all->device, "mode", text))
        for (char *item = strtok_r(text, "|", &rest); item; item = strtok_r(NULL, "|", &rest))
            if (!strncmp(item, chosen, size) && item[size] == ':') chosen = item + size + 1;
    return strcasestr(chosen, "lineart") ? LINEART : strcasestr(chosen, "gray") ? GRAY : COLOR;
}

/* An edge in pixels; without a geometry the page is as large as its page size, or the bed. */
static int edge(const struct options *all, enum name name, enum name page, double size) {
    const struct option *option = &all->of[name];
    double mm = option->descriptor.type == SANE_TYPE_INT ? option->word : SANE_UNFIX(option->word);
    if (option->descriptor.unit == SANE_UNIT_PIXEL) return option->word;
    if (!option->descriptor.name) mm = name == TL_X || name == TL_Y ? 0 : size;
    if (page && all->of[page].descriptor.name) mm = fmin(mm, SANE_UNFIX(all->of[page].word));
    return (int)floor(mm * resolution(all) / INCH + 0.5);
}

struct frame options_frame(const struct options *all) {
    double width, height;
    bed(all, &width, &height);
    struct frame frame = {.colour = colour(all), .depth = all->of[DEPTH].word};
    if (frame.colour == LINEART) frame.depth = 1;
    frame.left = edge(all, TL_X, COUNT, width);
    frame.top = edge(all, TL_Y, COUNT, height);
    frame.width = edge(all, BR_X, PAGE_WIDTH, width) - frame.left;
    frame.height = edge(all, BR_Y, PAGE_HEIGHT, height) - frame.top;
    return frame;
}
