#define _GNU_SOURCE
#include "behaviour.h"

#include <fcntl.h>
#include <pthread.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <time.h>
#include <unistd.h>

static const char *const STATUS[] = {"good",   "unsupported", "cancelled",  "busy",     "inval",  "eof",
                                     "jammed", "no_docs",     "cover_open", "io_error", "no_mem", "denied"};
#define STATUSES ((int)(sizeof STATUS / sizeof *STATUS))

static pthread_mutex_t lock = PTHREAD_MUTEX_INITIALIZER;
static char text[1 << 16];
static struct stat seen;

static bool changed(const struct stat *now) {
    return now->st_ino != seen.st_ino || now->st_size != seen.st_size || now->st_mtim.tv_sec != seen.st_mtim.tv_sec ||
           now->st_mtim.tv_nsec != seen.st_mtim.tv_nsec;
}

/* Call with the lock held. */
static void refresh(void) {
    struct stat now;
    const char *path = getenv("SANE_FAULTY");
    if (!path || stat(path, &now) || !changed(&now)) return;
    int file = open(path, O_RDONLY | O_CLOEXEC);
    if (file < 0) return;
    ssize_t size = read(file, text, sizeof text - 1);
    close(file);
    text[size > 0 ? size : 0] = 0;
    seen = now;
}

/* The value on this line, if it is about that key and that device; NULL otherwise. */
static const char *value_of(const char *line, int device, const char *key, bool *particular) {
    *particular = line[0] >= '0' && line[0] <= '9' && line[1] == ':';
    if (*particular && line[0] - '0' != device) return NULL;
    if (*particular) line += 2;
    size_t size = strlen(key);
    return !strncmp(line, key, size) && line[size] == '=' ? line + size + 1 : NULL;
}

/* Hand each value of the key to `take`, until it returns true. */
static bool each(int device, const char *key, bool (*take)(const char *, bool, void *), void *into) {
    char value[VALUE];
    bool done = false, particular;
    pthread_mutex_lock(&lock);
    refresh();
    for (const char *line = text; !done && *line; line += strcspn(line, "\n"), line += *line == '\n') {
        const char *found = value_of(line, device, key, &particular);
        if (!found) continue;
        snprintf(value, sizeof value, "%.*s", (int)strcspn(found, "\n"), found);
        done = take(value, particular, into);
    }
    pthread_mutex_unlock(&lock);
    return done;
}

struct choice {
    char *value;
    bool found;
};

static bool take_setting(const char *value, bool particular, void *into) {
    struct choice *choice = into;
    if (particular || !choice->found) snprintf(choice->value, VALUE, "%s", value);
    choice->found = true;
    return particular;
}

bool setting(int device, const char *key, char *value) {
    struct choice choice = {value, false};
    each(device, key, take_setting, &choice);
    return choice.found;
}

struct counted {
    char *value;
    int left;
};

static bool take_counted(const char *value, bool particular, void *into) {
    (void)particular;
    struct counted *counted = into;
    if (counted->left-- > 0) return false;
    snprintf(counted->value, VALUE, "%s", value);
    return true;
}

bool nth_setting(int device, const char *key, int nth, char *value) {
    struct counted counted = {value, nth};
    return each(device, key, take_counted, &counted);
}

bool without(int device, const char *key) {
    char value[VALUE];
    return setting(device, key, value) && !strcmp(value, "none");
}

int number(int device, const char *key, int otherwise) {
    char value[VALUE];
    return setting(device, key, value) ? atoi(value) : otherwise;
}

bool listed(int device, const char *key, const char *name) {
    char value[VALUE], *rest = NULL;
    if (!setting(device, key, value)) return false;
    for (char *item = strtok_r(value, "|", &rest); item; item = strtok_r(NULL, "|", &rest))
        if (!strcmp(item, name)) return true;
    return false;
}

/* Faults -------------------------------------------------------------------------------------------------- */

struct here {
    const char *place;
    int page, line;
    char kind[VALUE];
};

static bool take_fault(const char *value, bool particular, void *into) {
    (void)particular;
    struct here *here = into;
    char place[VALUE] = "";
    int page = -1, line = -1;
    const char *kind = strchr(value, ' ');
    if (!kind) return false;
    int parts = sscanf(value, "%511[a-z]:%d:%d", place, &page, &line);
    if (parts < 1 || strcmp(place, here->place)) return false;
    if ((page >= 0 && page != here->page) || (line >= 0 && line != here->line)) return false;
    snprintf(here->kind, VALUE, "%s", kind + 1);
    return true;
}

/* As deaf as a driver in a system call that cannot be interrupted: only SIGKILL ends it. */
static void hang(void) {
    signal(SIGTERM, SIG_IGN);
    signal(SIGINT, SIG_IGN);
    for (;;) pause();
}

static void crash(void) {
    signal(SIGSEGV, SIG_DFL);
    raise(SIGSEGV);
}

static bool failed;

bool has_failed(void) { return failed; }

void forget_failure(void) { failed = false; }

int fault(int device, const char *place, int page, int line) {
    struct here here = {.place = place, .page = page, .line = line};
    if (!each(device, "fault", take_fault, &here)) return SANE_STATUS_GOOD;
    failed = true;
    for (int status = 0; status < STATUSES; status++)
        if (!strcmp(here.kind, STATUS[status])) return status;
    if (!strcmp(here.kind, "spin")) return FAULT_SPIN;
    if (!strcmp(here.kind, "half")) return FAULT_HALF;
    note(place, here.kind, SANE_STATUS_GOOD);
    if (!strcmp(here.kind, "hang")) hang();
    if (!strcmp(here.kind, "crash")) crash();
    return atoi(here.kind);
}

void note(const char *call, const char *detail, int status) {
    char path[VALUE], line[2 * VALUE];
    struct timespec now;
    if (!setting(NO_DEVICE, "log", path)) return;
    clock_gettime(CLOCK_MONOTONIC, &now);
    int size = snprintf(line, sizeof line, "%ld.%06ld\t%d\t%d\t%s\t%.600s\t%s\n", (long)now.tv_sec, now.tv_nsec / 1000,
                        (int)getpid(), (int)syscall(SYS_gettid), call, detail,
                        status >= 0 && status < STATUSES ? STATUS[status] : "other");
    int file = open(path, O_WRONLY | O_APPEND | O_CREAT | O_CLOEXEC, 0600);
    if (file < 0) return;
    /* One write, so that lines of several processes do not mix. */
    if (write(file, line, size) < 0) perror("log");
    close(file);
}
