/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * What is counted, and which one fails.
 */
#include "inject.h"

#include <dlfcn.h>
#include <errno.h>
#include <execinfo.h>
#include <fcntl.h>
#include <link.h>
#include <signal.h>
#include <stdatomic.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/prctl.h>
#include <unistd.h>

enum { FRAMES = 40 };

static struct inject_page nowhere; /* until there is a file */
static struct inject_page *page = &nowhere;

static bool counting; /* set once, before main() */
static enum inject_class wanted_class;
static uint64_t wanted; /* 0: none fails */
static enum inject_how how;
static int error;

/* Its own calls are not counted. */
static _Thread_local bool busy;
static _Thread_local int in_libcrypto;

static const char *const classes[INJECT_CLASSES] = {"alloc", "own",  "other", "send",
                                                    "recv",  "poll", "gssapi"};

static const struct {
    const char *name;
    enum inject_how how;
    int error;
} hows[] = {
    {"ENOMEM", INJECT_ERROR, ENOMEM}, {"ECONNRESET", INJECT_ERROR, ECONNRESET},
    {"EPIPE", INJECT_ERROR, EPIPE},   {"EINTR", INJECT_ERROR, EINTR},
    {"EAGAIN", INJECT_ERROR, EAGAIN}, {"EIO", INJECT_ERROR, EIO},
    {"short", INJECT_SHORT, 0},       {"end", INJECT_END, 0},
};

/* ---- whose address it is ---- */

/* The program, and what its calls of the C library go through: libc, the loader, sanitizers. */
static struct range {
    uintptr_t begin, end;
} program, between[8];
static size_t between_count;

static bool
is_within(const struct range *range, const void *address)
{
    return (uintptr_t)address >= range->begin && (uintptr_t)address < range->end;
}

static int
note_object(struct dl_phdr_info *info, size_t size, void *first)
{
    static const char *const names[] = {"/libc.so", "/ld-linux", "san.so", "/inject.so"};
    struct range range = {UINTPTR_MAX, 0};

    (void)size;
    for (int i = 0; i < info->dlpi_phnum; i++) {
        const ElfW(Phdr) *segment = &info->dlpi_phdr[i];
        uintptr_t begin = info->dlpi_addr + segment->p_vaddr;
        if (segment->p_type != PT_LOAD)
            continue;
        range.begin = begin < range.begin ? begin : range.begin;
        range.end = begin + segment->p_memsz > range.end ? begin + segment->p_memsz : range.end;
    }
    if (*(bool *)first)
        program = range;
    *(bool *)first = false;
    for (size_t i = 0; i < sizeof names / sizeof *names; i++) {
        if (strstr(info->dlpi_name, names[i]) &&
            between_count < sizeof between / sizeof *between)
            between[between_count++] = range;
    }
    return 0;
}

bool
inject_in_program(const void *address)
{
    return is_within(&program, address);
}

static bool
is_between(const void *address)
{
    for (size_t i = 0; i < between_count; i++) {
        if (is_within(&between[i], address))
            return true;
    }
    return false;
}

/*
 * An allocation that the C library makes, strdup(3) say, belongs to whoever called that: the
 * program (INJECT_OWN), a library (INJECT_OTHER). INJECT_CLASSES: nobody but a sanitizer, for a
 * thread that begins.
 */
static enum inject_class
whose(const void *caller)
{
    void *frames[FRAMES];

    if (!is_between(caller))
        return inject_in_program(caller) ? INJECT_OWN : INJECT_OTHER;
    int count = backtrace(frames, FRAMES);
    for (int i = 0; i < count; i++) {
        if (!is_between(frames[i]))
            return inject_in_program(frames[i]) ? INJECT_OWN : INJECT_OTHER;
    }
    return INJECT_CLASSES;
}

/* ---- the stack, in words ---- */

static void
write_stack(char *text, size_t size)
{
    void *frames[FRAMES];
    int count = backtrace(frames, FRAMES);
    size_t used = strlen(text);
    Dl_info info;

    for (int i = 0; i < count && used + 1 < size; i++) {
        if (!dladdr(frames[i], &info))
            continue;
        const char *slash = strrchr(info.dli_fname, '/');
        used += (size_t)snprintf(text + used, size - used, "%s+0x%lx %s\n",
                                 slash ? slash + 1 : info.dli_fname,
                                 (unsigned long)((char *)frames[i] - (char *)info.dli_fbase),
                                 info.dli_sname ? info.dli_sname : "?");
    }
}

static void
on_crash(int number)
{
    busy = true;
    snprintf(page->crash, sizeof page->crash, "%s\n", sigdescr_np(number));
    write_stack(page->crash, sizeof page->crash);
    signal(number, SIG_DFL);
    raise(number);
}

/* ---- which one ---- */

static bool is_the_one(enum inject_class class)
{
    static _Atomic uint64_t counts[INJECT_CLASSES];
    uint64_t number = atomic_fetch_add(&counts[class], 1) + 1;

    page->count[class] = number;
    if (class != wanted_class || number != wanted)
        return false;
    page->failed = 1;
    write_stack(page->where, sizeof page->where);
    return true;
}

bool
inject_due(enum inject_class class, const void *caller)
{
    enum inject_class owner = INJECT_ALLOC;
    bool due = false;

    if (!counting || busy)
        return false;
    int before = errno;
    busy = true;
    if (class == INJECT_ALLOC && in_libcrypto == 0)
        owner = whose(caller);
    if (owner != INJECT_CLASSES)
        due = is_the_one(class);
    if (owner == INJECT_OWN || owner == INJECT_OTHER)
        due = is_the_one(owner) || due;
    busy = false;
    errno = before;
    return due;
}

enum inject_how
inject_how(void)
{
    return how;
}

int
inject_error(void)
{
    return error;
}

void *
inject_next(const char *name)
{
    void *next = dlsym(RTLD_NEXT, name);

    if (!next)
        abort();
    return next;
}

void
inject_libcrypto(int enter)
{
    in_libcrypto += enter ? 1 : -1;
}

/* The program forbids to look into it by ptrace(2): the leak sanitizer must. */
int
prctl(int option, ...)
{
    (void)option;
    return 0;
}

/* ---- the beginning ---- */

static void
map_page(const char *path)
{
    int fd = path ? open(path, O_RDWR | O_CLOEXEC) : -1;
    void *mapped = fd < 0 ? MAP_FAILED
                          : mmap(NULL, sizeof *page, PROT_READ | PROT_WRITE, MAP_SHARED, fd, 0);

    if (mapped == MAP_FAILED) {
        perror("INJECT_PAGE");
        _exit(99);
    }
    close(fd);
    page = mapped;
}

/* "CLASS N HOW" */
static void
read_order(const char *order)
{
    char class[16], word[16];
    size_t i;

    if (!order)
        return;
    if (sscanf(order, "%15s %lu %15s", class, &wanted, word) != 3)
        _exit(99);
    for (i = 0; i < INJECT_CLASSES && strcmp(class, classes[i]) != 0; i++)
        ;
    wanted_class = (enum inject_class)i;
    for (i = 0; i < sizeof hows / sizeof *hows && strcmp(word, hows[i].name) != 0; i++)
        ;
    if (wanted_class == INJECT_CLASSES || i == sizeof hows / sizeof *hows)
        _exit(99);
    how = hows[i].how;
    error = hows[i].error;
}

__attribute__((constructor)) static void
begin(void)
{
    void *frames[2];
    bool first = true;

    /* what the program starts is not counted */
    if (strcmp(program_invocation_short_name, "ssh-authtest") != 0 || !getenv("INJECT_PAGE"))
        return;
    map_page(getenv("INJECT_PAGE"));
    read_order(getenv("INJECT"));
    dl_iterate_phdr(note_object, &first);
    backtrace(frames, 2);                      /* loads the unwinder, which allocates */
    if (!dlsym(RTLD_DEFAULT, "__asan_init")) { /* which tells more */
        signal(SIGSEGV, on_crash);
        signal(SIGBUS, on_crash);
        signal(SIGABRT, on_crash);
    }
    counting = true;
}
