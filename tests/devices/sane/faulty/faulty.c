/* A SANE backend of scanners that exist in a text file only, and can be made to fail in every way that we know of.
 *
 * Written from the SANE standard, version 1. The `dll` backend loads it by the name `faulty`; behaviour.h says where
 * the text file is. It locks a device over all processes, as USB does. */
#define _GNU_SOURCE
#include <fcntl.h>
#include <stdatomic.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/file.h>
#include <unistd.h>

#include "behaviour.h"
#include "options.h"

#define PASSES 3

struct scanner {
    int device, lock;
    struct options options;
    SANE_Parameters parameters;
    struct frame frame;
    int page, pass, lines; /* lines: how many there really are */
    int line, used, size;  /* of the line that is being handed out */
    SANE_Byte *buffer;
    bool scanning, ending;
    atomic_bool cancelled;
};

static SANE_Device listed_devices[DEVICES];
static const SANE_Device *list[DEVICES + 1];
static char words[DEVICES][4][VALUE];

static SANE_Status answer(const char *call, const char *detail, int status) {
    note(call, detail, status);
    return status;
}

/* Pixels ------------------------------------------------------------------------------------------------- */

/* pattern.py has its twin. */
static unsigned sample(int page, int row, int column, int channel) {
    return (31u * page + 7u * row + 3u * column + 85u * channel + (row >> 5) * (column >> 5)) & 255;
}

static void write_bits(struct scanner *it, int channels, int first) {
    for (int column = 0; column < it->frame.width; column++)
        for (int channel = 0; channel < channels; channel++)
            if (sample(it->page, it->frame.top + it->line, it->frame.left + column, first + channel) & 128)
                it->buffer[column / 8 * channels + channel] |= 128 >> column % 8;
}

static void write_samples(struct scanner *it, int channels, int first) {
    SANE_Byte *out = it->buffer;
    for (int column = 0; column < it->frame.width; column++)
        for (int channel = 0; channel < channels; channel++) {
            unsigned value = sample(it->page, it->frame.top + it->line, it->frame.left + column, first + channel);
            unsigned short wide = value << 8 | (value ^ 255);
            if (it->frame.depth == 16) memcpy(out, &wide, 2), out += 2;
            else *out++ = value;
        }
}

static void write_line(struct scanner *it) {
    int channels = it->parameters.format == SANE_FRAME_RGB ? 3 : 1;
    int first = it->parameters.format >= SANE_FRAME_RED ? (int)(it->parameters.format - SANE_FRAME_RED) : 0;
    memset(it->buffer, 0, it->size);
    (it->frame.depth == 1 ? write_bits : write_samples)(it, channels, first);
    it->used = 0;
}

/* Devices ------------------------------------------------------------------------------------------------ */

static bool unplugged(int device) { return number(device, "unplug", 0); }

static void word_or(int device, const char *key, int at, const char *otherwise) {
    if (!setting(device, key, words[device][at])) snprintf(words[device][at], VALUE, "%s", otherwise);
}

static void describe_device(int device) {
    char name[16];
    snprintf(name, sizeof name, "dev%d", device);
    word_or(device, "name", 0, name);
    word_or(device, "vendor", 1, "Gaopai");
    word_or(device, "model", 2, "Faulty");
    word_or(device, "type", 3, "flatbed scanner");
    listed_devices[device] = (SANE_Device){words[device][0], words[device][1], words[device][2], words[device][3]};
}

static int find_devices(void) {
    int devices = number(NO_DEVICE, "devices", 1), found = 0;
    for (int device = 0; device < devices && device < DEVICES; device++) {
        describe_device(device);
        if (!unplugged(device)) list[found++] = &listed_devices[device];
    }
    list[found] = NULL;
    return found;
}

SANE_Status sane_faulty_init(SANE_Int *version, SANE_Auth_Callback authorize) {
    (void)authorize;
    if (version) *version = SANE_VERSION_CODE(SANE_CURRENT_MAJOR, SANE_CURRENT_MINOR, 0);
    return answer("init", "", fault(NO_DEVICE, "init", 0, 0));
}

void sane_faulty_exit(void) { note("exit", "", fault(NO_DEVICE, "exit", 0, 0)); }

SANE_Status sane_faulty_get_devices(const SANE_Device ***devices, SANE_Bool local_only) {
    char detail[32];
    (void)local_only;
    int status = fault(NO_DEVICE, "list", 0, 0);
    snprintf(detail, sizeof detail, "%d", find_devices());
    *devices = list;
    return answer("list", detail, status);
}

static int device_of(const char *name) {
    find_devices();
    for (int at = 0; list[at]; at++)
        if (!*name || !strcmp(list[at]->name, name)) return (int)(list[at] - listed_devices);
    return NO_DEVICE;
}

/* The lock goes with the process that holds it, however that ends. */
static int take(int device) {
    char path[VALUE];
    snprintf(path, sizeof path, "%s.%d", getenv("SANE_FAULTY"), device);
    int file = open(path, O_RDWR | O_CREAT | O_CLOEXEC, 0600);
    if (file >= 0 && flock(file, LOCK_EX | LOCK_NB)) close(file), file = -1;
    return file;
}

/* Sides that have left the feeder for good: with `keep`, they stay out of it over cancels and other processes. */
static char *fed_path(int device, char *path) {
    snprintf(path, VALUE, "%s.fed%d", getenv("SANE_FAULTY"), device);
    return path;
}

static int fed(int device) {
    char path[VALUE], text[16] = "0";
    if (!number(device, "keep", 0)) return 0;
    int file = open(fed_path(device, path), O_RDONLY | O_CLOEXEC);
    if (file >= 0 && read(file, text, sizeof text - 1) < 0) perror("fed");
    if (file >= 0) close(file);
    return atoi(text);
}

/* A sheet is out once all of its sides were read; one that was stopped on its way is put back. */
static void note_fed(struct scanner *it) {
    char path[VALUE], text[16];
    if (!number(it->device, "keep", 0) || !options_feeder(&it->options)) return;
    if (it->page % number(it->device, "sides", 1)) return;
    int file = open(fed_path(it->device, path), O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0600);
    int size = snprintf(text, sizeof text, "%d", it->page);
    if (file < 0 || write(file, text, size) < 0) perror("fed");
    if (file >= 0) close(file);
}

static SANE_Status open_device(int device, SANE_Handle *handle) {
    int status = fault(device, "open", 0, 0);
    if (status) return status;
    struct scanner *it = calloc(1, sizeof *it);
    it->device = device;
    it->lock = take(device);
    if (it->lock < 0) return free(it), SANE_STATUS_DEVICE_BUSY;
    options_begin(&it->options, device);
    forget_failure();
    it->page = fed(device);
    it->parameters.last_frame = SANE_TRUE;
    *handle = it;
    return SANE_STATUS_GOOD;
}

SANE_Status sane_faulty_open(SANE_String_Const name, SANE_Handle *handle) {
    int device = device_of(name);
    return answer("open", name, device < 0 ? SANE_STATUS_INVAL : (int)open_device(device, handle));
}

void sane_faulty_close(SANE_Handle handle) {
    struct scanner *it = handle;
    note("close", "", fault(it->device, "close", it->page, it->line));
    close(it->lock);
    free(it->buffer);
    free(it);
}

/* Options ------------------------------------------------------------------------------------------------ */

const SANE_Option_Descriptor *sane_faulty_get_option_descriptor(SANE_Handle handle, SANE_Int index) {
    struct scanner *it = handle;
    if (index < 0 || index >= it->options.count) return NULL;
    return &it->options.of[it->options.at[index]].descriptor;
}

SANE_Status sane_faulty_control_option(SANE_Handle handle, SANE_Int index, SANE_Action action, void *value,
                                       SANE_Int *info) {
    struct scanner *it = handle;
    char detail[VALUE];
    const char *call = action == SANE_ACTION_SET_VALUE ? "set" : "get";
    int status = unplugged(it->device) ? SANE_STATUS_IO_ERROR : fault(it->device, call, 0, 0);
    if (status) return answer(call, "", status);
    status = options_control(&it->options, index, action, value, info, detail);
    return answer(call, detail, status);
}

/* Pages -------------------------------------------------------------------------------------------------- */

static SANE_Parameters parameters_of(const struct scanner *it, const struct frame *frame) {
    bool color = frame->colour == COLOR, passes = color && number(it->device, "three-pass", 0);
    int samples = color && !passes ? 3 : 1;
    int width = frame->depth == 1 ? (frame->width + 7) / 8 : frame->width * frame->depth / 8;
    return (SANE_Parameters){
        .format = passes ? SANE_FRAME_RED + it->pass : color ? SANE_FRAME_RGB : SANE_FRAME_GRAY,
        .last_frame = !passes || it->pass == PASSES - 1,
        .bytes_per_line = samples * width + number(it->device, "pad", 0),
        .pixels_per_line = frame->width,
        .lines = without(it->device, "announce") ? -1 : frame->height,
        .depth = frame->depth,
    };
}

SANE_Status sane_faulty_get_parameters(SANE_Handle handle, SANE_Parameters *parameters) {
    struct scanner *it = handle;
    int status = unplugged(it->device) ? SANE_STATUS_IO_ERROR : fault(it->device, "parameters", it->page, 0);
    struct frame frame = options_frame(&it->options);
    if (it->scanning)
        *parameters = it->parameters;
    else
        *parameters = parameters_of(it, &frame);
    return answer("parameters", "", status);
}

/* usleep(0) takes as long as the timer's slack, which is 50 us a line. */
static void rest(int microseconds) {
    if (microseconds > 0) usleep(microseconds);
}

/* Feed a sheet, or begin the next pass over the one that lies there. */
static SANE_Status feed(struct scanner *it) {
    bool passing = it->page && !it->parameters.last_frame;
    it->pass = passing ? it->pass + 1 : 0;
    if (passing) return SANE_STATUS_GOOD;
    it->frame = options_frame(&it->options);
    if (it->frame.width < 1 || it->frame.height < 1) return SANE_STATUS_INVAL;
    it->page++;
    if (!options_feeder(&it->options) || it->page <= number(it->device, "pages", 3)) return SANE_STATUS_GOOD;
    it->page = fed(it->device); /* somebody fills it again, unless it keeps its sheets */
    return SANE_STATUS_NO_DOCS;
}

static SANE_Status begin_page(struct scanner *it) {
    SANE_Status status = feed(it);
    if (status) return status;
    it->parameters = parameters_of(it, &it->frame);
    it->lines = number(it->device, "endless", 0) ? -1 : it->frame.height + number(it->device, "more", 0);
    it->size = it->used = it->parameters.bytes_per_line;
    it->buffer = realloc(it->buffer, it->size);
    it->line = 0;
    it->ending = false;
    return SANE_STATUS_GOOD;
}

/* A cancel ends the batch: the feeder is full again, and a pass begun is not resumed. */
static void settle(struct scanner *it) {
    if (it->cancelled) it->page = fed(it->device);
    it->cancelled = it->scanning = false;
}

SANE_Status sane_faulty_start(SANE_Handle handle) {
    struct scanner *it = handle;
    char detail[32];
    settle(it);
    int pass = it->page && !it->parameters.last_frame ? it->pass + 2 : 1;
    int page = pass > 1 ? it->page : it->page + 1;
    int status = unplugged(it->device) ? SANE_STATUS_IO_ERROR : fault(it->device, "start", page, pass);
    rest(number(it->device, "warm-up", 0));
    if (!status) status = begin_page(it);
    if (status) it->parameters.last_frame = SANE_TRUE;
    it->scanning = !status;
    snprintf(detail, sizeof detail, "%d", page);
    return answer("start", detail, status);
}

/* Make the next line; SANE_STATUS_EOF after the last. */
static int next_line(struct scanner *it) {
    int status = unplugged(it->device) ? SANE_STATUS_IO_ERROR : fault(it->device, "read", it->page, it->line);
    if (status && status != FAULT_HALF) return status;
    if (it->line == it->lines && !it->ending) note_fed(it);
    if (it->ending || it->line == it->lines) return SANE_STATUS_EOF;
    rest(number(it->device, "slow", 0));
    write_line(it);
    it->line++;
    it->ending = status == FAULT_HALF;
    if (it->ending) it->used = it->size / 2;
    return SANE_STATUS_GOOD;
}

/* What a read answers that was cancelled: most drivers say so, some only end the page, some go on. */
static int read_cancelled(struct scanner *it) {
    char way[VALUE] = "cancelled";
    setting(it->device, "cancel", way);
    return !strcmp(way, "eof") ? SANE_STATUS_EOF : !strcmp(way, "ignore") ? SANE_STATUS_GOOD : SANE_STATUS_CANCELLED;
}

static int fill(struct scanner *it, SANE_Byte *data, SANE_Int most, SANE_Int *length) {
    int status = it->used < it->size ? SANE_STATUS_GOOD : next_line(it);
    if (status) return status;
    int left = it->size - it->used, chunk = number(it->device, "chunk", most);
    *length = left < most ? left : most;
    if (*length > chunk) *length = chunk;
    memcpy(data, it->buffer + it->used, *length);
    it->used += *length;
    return SANE_STATUS_GOOD;
}

SANE_Status sane_faulty_read(SANE_Handle handle, SANE_Byte *data, SANE_Int most, SANE_Int *length) {
    struct scanner *it = handle;
    char detail[32];
    *length = 0;
    if (!it->scanning) return answer("read", "", SANE_STATUS_INVAL);
    int status = it->cancelled ? read_cancelled(it) : SANE_STATUS_GOOD;
    if (!status) status = fill(it, data, most, length);
    if (status == FAULT_SPIN) return SANE_STATUS_GOOD;
    if (!status && it->line != 1) return SANE_STATUS_GOOD;
    if (status) it->scanning = false;
    snprintf(detail, sizeof detail, "%d:%d", it->page, it->line);
    return answer("read", detail, status);
}

/* May come from any thread, in the middle of a read. */
void sane_faulty_cancel(SANE_Handle handle) {
    struct scanner *it = handle;
    note("cancel", "", fault(it->device, "cancel", it->page, it->line));
    it->cancelled = true;
}

SANE_Status sane_faulty_set_io_mode(SANE_Handle handle, SANE_Bool non_blocking) {
    (void)handle;
    return non_blocking ? SANE_STATUS_UNSUPPORTED : SANE_STATUS_GOOD;
}

SANE_Status sane_faulty_get_select_fd(SANE_Handle handle, SANE_Int *file) {
    (void)handle, (void)file;
    return SANE_STATUS_UNSUPPORTED;
}
