/* What the text file named by SANE_FAULTY says: which scanners there are, and how each of them behaves.
 *
 * It is read again whenever it changed, so that a test can pull the plug in the middle of a page. A line is
 * `key=value`, or `1:key=value` for the second scanner alone, which then counts more than one for all. `#` begins a
 * remark. README.md beside this file lists the keys. */
#ifndef BEHAVIOUR_H
#define BEHAVIOUR_H

#include <sane/sane.h>
#include <stdbool.h>

#define VALUE 512
#define DEVICES 4
#define NO_DEVICE (-1)

/* Kinds of fault that are no SANE status. */
#define FAULT_SPIN 1000
#define FAULT_HALF 1001

/* Whether the key is given; then its value is in `value`, which has room for VALUE characters. */
bool setting(int device, const char *key, char *value);

/* Whether the key is given more than `nth` times; then its value is in `value`, as above. */
bool nth_setting(int device, const char *key, int nth, char *value);

/* Whether the key is given as `none`. */
bool without(int device, const char *key);

int number(int device, const char *key, int otherwise);

/* Whether `name` stands in the list `A|B|C` of that key. */
bool listed(int device, const char *key, const char *name);

/* Do what a line `fault=PLACE[:PAGE[:LINE]] KIND` asks for here. Does not return from `hang` and `crash`; otherwise the
 * status to answer with, FAULT_SPIN, FAULT_HALF, or SANE_STATUS_GOOD where nothing is wrong. */
int fault(int device, const char *place, int page, int line);

/* Whether a fault has happened since the device was opened, and that there was none. */
bool has_failed(void);
void forget_failure(void);

/* Append `SECONDS PID THREAD CALL DETAIL STATUS` to the file named by the key `log`. */
void note(const char *call, const char *detail, int status);

#endif
