/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * /proc/PID/maps and /proc/PID/mem, and nftw(3).
 */
#include <config.h>

#include "look.h"

#include <ctype.h>
#include <errno.h>
#include <fcntl.h>
#include <ftw.h>
#include <inttypes.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#define CONTEXT 32 /* bytes shown on either side of what was found */

/* One piece of memory, or one file, while it is searched. */
struct piece {
    FILE *report;
    const char *moment;
    const char *name;
    uint64_t start;
    const unsigned char *data;
    size_t len;
    size_t hits;
};

static int
open_of(pid_t pid, const char *name)
{
    char path[64];

    snprintf(path, sizeof path, "/proc/%d/%s", (int)pid, name);
    return open(path, O_RDONLY | O_CLOEXEC);
}

int
look_open(struct look *look, pid_t pid, const struct needles *needles)
{
    *look = (struct look){.pid = pid, .needles = needles};
    look->maps = open_of(pid, "maps");
    look->mem = open_of(pid, "mem");
    return look->maps < 0 || look->mem < 0 ? -1 : 0;
}

/* What is around it tells what it belongs to. */
static void
put_context(const struct piece *piece, const struct needle_hit *hit)
{
    size_t from = hit->at > CONTEXT ? hit->at - CONTEXT : 0;
    size_t to = hit->at + hit->len + CONTEXT;

    fputs("    ", piece->report);
    for (size_t i = from; i < to && i < piece->len; i++) {
        if (i == hit->at || i == hit->at + hit->len)
            fputs(" | ", piece->report);
        fprintf(piece->report, isgraph(piece->data[i]) ? "%c" : "\\%02x", piece->data[i]);
    }
    putc('\n', piece->report);
}

static void
found(const struct needle_hit *hit, void *context)
{
    struct piece *piece = context;

    piece->hits++;
    if (!piece->report)
        return;
    fprintf(piece->report,
            "%s: found in %s at %#" PRIx64 " (+%#zx): %s, bytes %zu to %zu of %zu\n",
            piece->moment, piece->name, piece->start + hit->at, hit->at, hit->form, hit->from,
            hit->from + hit->len, hit->form_len);
    put_context(piece, hit);
}

/* The pages that can be read; others are left 0. */
static void
read_pages(int mem, uint64_t start, unsigned char *data, size_t len)
{
    size_t page = (size_t)sysconf(_SC_PAGESIZE);

    for (size_t done = 0; done < len;) {
        ssize_t n = pread(mem, data + done, len - done, (off_t)(start + done));
        done += n > 0 ? (size_t)n : page - done % page;
    }
}

/* A whole file into memory that is the caller's; NULL with errno set. */
static unsigned char *
read_file(int fd, size_t *len)
{
    unsigned char *data = NULL;
    size_t room = 0;

    for (*len = 0;;) {
        if (*len == room) {
            unsigned char *grown = realloc(data, room = 2 * room + 65536);
            if (!grown)
                break;
            data = grown;
        }
        ssize_t n = read(fd, data + *len, room - *len);
        if (n == 0)
            return data;
        if (n < 0)
            break;
        *len += (size_t)n;
    }
    free(data);
    return NULL;
}

static size_t
search_mapping(const struct look *look, struct piece *piece)
{
    unsigned char *data = calloc(1, piece->len);

    if (!data)
        abort();
    read_pages(look->mem, piece->start, data, piece->len);
    piece->data = data;
    needles_search(look->needles, data, piece->len, found, piece);
    free(data);
    return piece->hits;
}

/* The kernel's own pages for the clock have nothing of the process. */
static int
worth_reading(const char *permissions, const char *name)
{
    return permissions[0] == 'r' && strncmp(name, "[vvar", 5) != 0 &&
           strcmp(name, "[vsyscall]") != 0;
}

static size_t
search_command_line(const struct look *look, const char *moment, FILE *report)
{
    struct piece piece = {.report = report, .moment = moment, .name = "the command line"};
    int fd = open_of(look->pid, "cmdline");
    unsigned char *data = fd < 0 ? NULL : read_file(fd, &piece.len);

    if (!data)
        abort();
    piece.data = data;
    needles_search(look->needles, data, piece.len, found, &piece);
    free(data);
    close(fd);
    return piece.hits;
}

size_t
look_memory(const struct look *look, const char *moment, FILE *report)
{
    size_t hits = 0, mappings = 0, bytes = 0, size = 0;
    char *line = NULL;
    FILE *maps;

    lseek(look->maps, 0, SEEK_SET);
    if (!(maps = fdopen(dup(look->maps), "r")))
        abort();
    while (getline(&line, &size, maps) > 0) {
        uint64_t start, end;
        char permissions[8], name[256] = "memory without a name";
        if (sscanf(line, "%" SCNx64 "-%" SCNx64 " %7s %*s %*s %*s %255[^\n]", &start, &end,
                   permissions, name) < 3 ||
            !worth_reading(permissions, name))
            continue;
        struct piece piece = {.report = report,
                              .moment = moment,
                              .name = name,
                              .start = start,
                              .len = (size_t)(end - start)};
        hits += search_mapping(look, &piece);
        mappings++;
        bytes += piece.len;
    }
    hits += search_command_line(look, moment, report);
    if (report)
        fprintf(report, "%s: searched %zu mappings, %zu KiB: %zu found\n", moment, mappings,
                bytes / 1024, hits);
    free(line);
    fclose(maps);
    return hits;
}

static int
core_limit_is_zero(pid_t pid)
{
    int fd = open_of(pid, "limits");
    FILE *limits = fd < 0 ? NULL : fdopen(fd, "r");
    unsigned long long soft = 1, hard = 1;
    char line[256];

    while (limits && fgets(line, sizeof line, limits) &&
           sscanf(line, "Max core file size %llu %llu", &soft, &hard) != 2)
        continue;
    if (limits)
        fclose(limits);
    return soft == 0 && hard == 0;
}

/* The superuser may open everything, so nothing can be told as root. */
static int
can_be_opened(pid_t pid)
{
    int fd = geteuid() == 0 ? -1 : open_of(pid, "mem");

    if (fd >= 0)
        close(fd);
    return fd >= 0;
}

void
look_hardening(const struct look *look, const char *moment, FILE *report)
{
    fprintf(report, "%s: %s, %s\n", moment,
            core_limit_is_zero(look->pid) ? "no core" : "a core is possible",
            can_be_opened(look->pid) ? "open to the user" : "closed to the user");
}

/* nftw(3) has no argument for these. */
static struct {
    const struct needles *needles;
    FILE *report;
    size_t hits;
} files;

static void
search_bytes(const char *where, const char *path, const unsigned char *data, size_t len)
{
    struct piece piece = {
        .report = files.report, .moment = where, .name = path, .data = data, .len = len};

    needles_search(files.needles, data, len, found, &piece);
    files.hits += piece.hits;
}

static int
search_file(const char *path, const struct stat *status, int type, struct FTW *position)
{
    (void)position;
    search_bytes("name", path, (const unsigned char *)path, strlen(path));
    if (type != FTW_F || !S_ISREG(status->st_mode))
        return type == FTW_DNR || type == FTW_NS ? -1 : 0;
    size_t len;
    int fd = open(path, O_RDONLY | O_CLOEXEC);
    unsigned char *data = fd < 0 ? NULL : read_file(fd, &len);
    if (data)
        search_bytes("file", path, data, len);
    free(data);
    if (fd >= 0)
        close(fd);
    return data ? 0 : -1;
}

size_t
look_files(const struct needles *needles, const char *path, FILE *report)
{
    files.needles = needles;
    files.report = report;
    files.hits = 0;
    if (nftw(path, search_file, 16, FTW_PHYS) != 0) {
        fprintf(report, "file: %s: cannot be searched: %s\n", path, strerror(errno));
        return 1;
    }
    return files.hits;
}
