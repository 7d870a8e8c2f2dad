/* A disk that fails: a library for LD_PRELOAD.
 *
 * Calls that change what stands under a folder are numbered from 1 as they are
 * made: opening for writing, write, pwrite, ftruncate, fsync, fdatasync, rename,
 * mkdir, symlink. From the environment:
 *
 *   FAILING_DISK_UNDER   the folder; anything else never fails
 *   FAILING_DISK_NAME    only paths that hold this text (may be absent)
 *   FAILING_DISK_AT      number of the first call that fails; 0: none
 *   FAILING_DISK_LAST    number of the last call that fails
 *   FAILING_DISK_ERROR   errno
 *   FAILING_DISK_LOG     a file, to which a line is added for each call
 *
 * A disk without space still renames and flushes: with ENOSPC those pass.
 */
#define _GNU_SOURCE
#include <dlfcn.h>
#include <errno.h>
#include <fcntl.h>
#include <stdarg.h>
#include <stdatomic.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <sys/types.h>
#include <unistd.h>

static atomic_long calls;

static long number(const char *name)
{
    const char *text = getenv(name);
    return text ? strtol(text, NULL, 10) : 0;
}

/* Whether this call must fail; errno is set if so. */
static int fails(const char *call, const char *path, int takes_space)
{
    const char *under = getenv("FAILING_DISK_UNDER"), *name = getenv("FAILING_DISK_NAME");
    if (!under || strncmp(path, under, strlen(under)) != 0)
        return 0;
    if (name && !strstr(path, name))
        return 0;
    int error = (int)number("FAILING_DISK_ERROR");
    if (error == ENOSPC && !takes_space)
        return 0;
    long mine = atomic_fetch_add(&calls, 1) + 1;
    long at = number("FAILING_DISK_AT");
    int failing = at > 0 && at <= mine && mine <= number("FAILING_DISK_LAST");
    const char *log = getenv("FAILING_DISK_LOG");
    if (log) {
        char line[512];
        int length = snprintf(line, sizeof line, "%ld %s %s%s\n", mine, call, path,
                              failing ? " FAILS" : "");
        long file = syscall(SYS_openat, AT_FDCWD, log, O_WRONLY | O_APPEND | O_CREAT, 0600);
        if (file >= 0) {
            if (length > (int)sizeof line - 1)
                length = sizeof line - 1;
            syscall(SYS_write, file, line, length);
            syscall(SYS_close, file);
        }
    }
    if (failing)
        errno = error;
    return failing;
}

/* The same for an open file. */
static int fails_on(const char *call, int file, int takes_space)
{
    char link[64], path[4096];
    snprintf(link, sizeof link, "/proc/self/fd/%d", file);
    int before = errno;
    ssize_t length = syscall(SYS_readlinkat, AT_FDCWD, link, path, sizeof path - 1);
    errno = before;
    if (length <= 0)
        return 0;
    path[length] = 0;
    return fails(call, path, takes_space);
}

#define REAL(name) ((__typeof__(&name))dlsym(RTLD_NEXT, #name))

static mode_t mode_of(int flags, va_list rest)
{
    return (flags & O_CREAT) ? va_arg(rest, mode_t) : 0;
}

static int opens(const char *path, int flags)
{
    int changes = (flags & O_ACCMODE) != O_RDONLY || (flags & O_CREAT);
    return changes && fails("open", path, (flags & O_CREAT) != 0);
}

#define OPEN(name)                                  \
    int name(const char *path, int flags, ...)      \
    {                                               \
        va_list rest;                               \
        va_start(rest, flags);                      \
        mode_t mode = mode_of(flags, rest);         \
        va_end(rest);                               \
        if (opens(path, flags))                     \
            return -1;                              \
        return REAL(name)(path, flags, mode);       \
    }

OPEN(open)
OPEN(open64)

#define OPENAT(name)                                       \
    int name(int folder, const char *path, int flags, ...) \
    {                                                      \
        va_list rest;                                      \
        va_start(rest, flags);                             \
        mode_t mode = mode_of(flags, rest);                \
        va_end(rest);                                      \
        if (opens(path, flags))                            \
            return -1;                                     \
        return REAL(name)(folder, path, flags, mode);      \
    }

OPENAT(openat)
OPENAT(openat64)

ssize_t write(int file, const void *bytes, size_t length)
{
    return fails_on("write", file, 1) ? -1 : REAL(write)(file, bytes, length);
}

ssize_t pwrite(int file, const void *bytes, size_t length, off_t at)
{
    return fails_on("pwrite", file, 1) ? -1 : REAL(pwrite)(file, bytes, length, at);
}

ssize_t pwrite64(int file, const void *bytes, size_t length, off64_t at)
{
    return fails_on("pwrite", file, 1) ? -1 : REAL(pwrite64)(file, bytes, length, at);
}

int ftruncate(int file, off_t length)
{
    return fails_on("ftruncate", file, 1) ? -1 : REAL(ftruncate)(file, length);
}

int ftruncate64(int file, off64_t length)
{
    return fails_on("ftruncate", file, 1) ? -1 : REAL(ftruncate64)(file, length);
}

int fsync(int file)
{
    return fails_on("fsync", file, 0) ? -1 : REAL(fsync)(file);
}

int fdatasync(int file)
{
    return fails_on("fdatasync", file, 0) ? -1 : REAL(fdatasync)(file);
}

int rename(const char *from, const char *to)
{
    return fails("rename", to, 0) ? -1 : REAL(rename)(from, to);
}

int mkdir(const char *path, mode_t mode)
{
    return fails("mkdir", path, 1) ? -1 : REAL(mkdir)(path, mode);
}

int symlink(const char *target, const char *path)
{
    return fails("symlink", path, 1) ? -1 : REAL(symlink)(target, path);
}
