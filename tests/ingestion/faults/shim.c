/* Preloaded into a process of Landfall: its call of a number to the file system, below a folder, is its last one
   (SIGKILL before, after or in the middle of it), or fails. `fault_arm` begins to count, `fault_seen` tells how many;
   each is a line in the file of its descriptor, if one is given. Whose calls are counted, and who is killed, is told:
   the process itself, the one that it has forked (which converts), or the process amid a call of the forked one. */
#define _GNU_SOURCE
#include <dlfcn.h>
#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <signal.h>
#include <stdarg.h>
#include <stdatomic.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <unistd.h>

enum mode { COUNT, BEFORE, AFTER, MIDDLE, FAIL_EIO, FAIL_ENOSPC };
enum whose { ITS_OWN, OF_THE_FORKED, ITS_END_AMID_THE_FORKED };

static char folder[PATH_MAX];
static atomic_int armed, last, *seen;
static int mode, log_to, whose;
static pid_t owner;

void fault_arm(const char *below, int number, int how, int descriptor, int whom) {
    log_to = descriptor;
    owner = getpid();
    strncpy(folder, below, sizeof folder - 1);
    mode = how;
    whose = whom;
    last = number;
    /* what a forked process counts is seen by all */
    seen = mmap(NULL, sizeof *seen, PROT_READ | PROT_WRITE, MAP_SHARED | MAP_ANONYMOUS, -1, 0);
    armed = seen != MAP_FAILED;
}
int fault_seen(void) { return armed ? *seen : 0; }

static int is_below(const char *path) {
    return path && !strncmp(path, folder, strlen(folder));
}
/* The path of an open file. */
static const char *of(int descriptor) {
    static __thread char path[PATH_MAX];
    char link[64];
    snprintf(link, sizeof link, "/proc/self/fd/%d", descriptor);
    ssize_t length = readlink(link, path, sizeof path - 1);
    if (length < 0) return NULL;
    path[length] = 0;
    return path;
}
static void end(void) {
    kill(whose == ITS_END_AMID_THE_FORKED ? owner : getpid(), SIGKILL);
    for (;;) pause(); /* the forked one ends with its parent */
}
/* Whether this call is the one; it does not return where the process ends before the call. */
static int is_the_one(const char *name, const char *path) {
    if (!armed || (getpid() == owner) != (whose == ITS_OWN) || !is_below(path)) return 0;
    int number = atomic_fetch_add(seen, 1) + 1;
    if (log_to) dprintf(log_to, "%d %s %s\n", number, name, path);
    if (number != last || mode == COUNT) return 0;
    if (mode == BEFORE) end();
    return 1;
}
static int fails(void) {
    if (mode == FAIL_EIO) { errno = EIO; return 1; }
    if (mode == FAIL_ENOSPC) { errno = ENOSPC; return 1; }
    return 0;
}

#define REAL(type, name, ...) \
    static type (*real)(__VA_ARGS__); \
    if (!real) real = dlsym(RTLD_NEXT, #name)

#define WRAP(type, name, path, call, ...) \
    type name(__VA_ARGS__) { \
        REAL(type, name, __VA_ARGS__); \
        int one = is_the_one(#name, path); \
        if (one && fails()) return -1; \
        type result = real call; \
        if (one) end(); \
        return result; \
    }

WRAP(int, rename, b, (a, b), const char *a, const char *b)
WRAP(int, renameat, b, (d, a, e, b), int d, const char *a, int e, const char *b)
WRAP(int, link, b, (a, b), const char *a, const char *b)
WRAP(int, linkat, b, (d, a, e, b, f), int d, const char *a, int e, const char *b, int f)
WRAP(int, unlink, a, (a), const char *a)
WRAP(int, unlinkat, *a == '/' ? a : of(d), (d, a, f), int d, const char *a, int f)
WRAP(int, remove, a, (a), const char *a)
WRAP(int, rmdir, a, (a), const char *a)
WRAP(int, mkdir, a, (a, m), const char *a, mode_t m)
WRAP(int, fsync, of(d), (d), int d)
WRAP(int, fdatasync, of(d), (d), int d)
WRAP(int, ftruncate, of(d), (d, n), int d, off_t n)
WRAP(int, ftruncate64, of(d), (d, n), int d, off_t n)

#define WRITES(name, real_call, half_call, ...) \
    ssize_t name(__VA_ARGS__) { \
        REAL(ssize_t, name, __VA_ARGS__); \
        int one = is_the_one(#name, of(d)); \
        if (one && fails()) return -1; \
        if (one && mode == MIDDLE) { real half_call; end(); } \
        ssize_t result = real real_call; \
        if (one) end(); \
        return result; \
    }

WRITES(write, (d, a, n), (d, a, n / 2), int d, const void *a, size_t n)
WRITES(pwrite, (d, a, n, o), (d, a, n / 2, o), int d, const void *a, size_t n, off_t o)
WRITES(pwrite64, (d, a, n, o), (d, a, n / 2, o), int d, const void *a, size_t n, off_t o)

#define OPENS(name) \
    int name(const char *a, int f, ...) { \
        REAL(int, name, const char *, int, ...); \
        va_list words; va_start(words, f); mode_t m = va_arg(words, mode_t); va_end(words); \
        int one = is_the_one(#name, f & (O_CREAT | O_TRUNC) ? a : NULL); \
        if (one && fails()) return -1; \
        int result = real(a, f, m); \
        if (one) end(); \
        return result; \
    }
OPENS(open)
OPENS(open64)
