/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * The line on how far a run is. Plain ASCII, so that a character is a column.
 */
#include <config.h>

#include "report/progress.h"

#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/stat.h>
#include <unistd.h>

#include "util/deadline.h"

#define PAINT_EVERY (DEADLINE_SECOND / 8)
/* Where it had to be taken away it is back sooner, or it would flicker. */
#define PAINT_AGAIN (DEADLINE_SECOND / 25)
/* A rate of less than that means nothing. */
#define RATE_SPAN     DEADLINE_SECOND
#define WIDTH_DEFAULT 80
#define WIDTH_MAX     200

#define ERASE_REST "\033[K"

void
progress_init(struct progress *progress, FILE *out, FILE *log, bool quiet)
{
    const char *term = getenv("TERM");
    struct stat status;
    bool piped = fstat(fileno(out), &status) == 0 && S_ISFIFO(status.st_mode);

    *progress = (struct progress){.able = !quiet && !piped && isatty(fileno(log)) && term &&
                                          *term && strcmp(term, "dumb") != 0};
}

void
progress_sample(struct progress *progress, unsigned long done, int64_t now)
{
    unsigned last = (progress->first + progress->count - 1) % PROGRESS_SAMPLES;

    if (progress->count && now - progress->samples[last].at < PROGRESS_STEP)
        return;
    if (progress->count == PROGRESS_SAMPLES)
        progress->first = (progress->first + 1) % PROGRESS_SAMPLES;
    else
        progress->count++;
    last = (progress->first + progress->count - 1) % PROGRESS_SAMPLES;
    progress->samples[last].at = now;
    progress->samples[last].done = done;
}

/* Targets a second since the oldest sample; less than 0: not known yet. */
static double
rate(const struct progress *progress, unsigned long done, int64_t now)
{
    const int64_t span = progress->count ? now - progress->samples[progress->first].at : 0;

    if (span < RATE_SPAN)
        return -1;
    return (double)(done - progress->samples[progress->first].done) * DEADLINE_SECOND /
           (double)span;
}

static void
put_left(FILE *out, double seconds)
{
    unsigned long left = seconds < 1e8 ? (unsigned long)(seconds + 0.5) : 100000000;

    if (left >= 3600)
        fprintf(out, ", %lu:%02lu:%02lu left", left / 3600, left % 3600 / 60, left % 60);
    else
        fprintf(out, ", %lu:%02lu left", left / 60, left % 60);
}

void
progress_text(char *text, size_t size, const struct progress *progress,
              const struct pool_state *state, int64_t now)
{
    /* an estimate may be less than what is known */
    const unsigned long total =
        state->total && state->total < state->read ? state->read : state->total;
    double per_second = rate(progress, state->done, now);
    char line[WIDTH_MAX];
    FILE *out = fmemopen(line, sizeof line, "w");

    *text = '\0';
    if (!out)
        return;
    fprintf(out, "%lu", state->done);
    if (total)
        fprintf(out, " of %s%lu", state->exact ? "" : "about ", total);
    fprintf(out, " done, %lu running, %lu failed", state->running, state->failed);
    if (per_second >= 0)
        fprintf(out, ", %.1f/s", per_second);
    if (per_second > 0 && total > state->done)
        put_left(out, (double)(total - state->done) / per_second);
    if (fclose(out) != 0)
        return;
    snprintf(text, size, "%s", line);
}

static size_t
width_of(FILE *log)
{
    struct winsize size;

    if (ioctl(fileno(log), TIOCGWINSZ, &size) != 0 || size.ws_col == 0)
        return WIDTH_DEFAULT;
    return size.ws_col;
}

void
progress_show(struct progress *progress, FILE *log, const struct pool_state *state)
{
    int64_t now = clock_now();
    char text[WIDTH_MAX];

    if (!progress->able)
        return;
    progress_sample(progress, state->done, now);
    bool early = progress->painted &&
                 now - progress->painted < (progress->shown ? PAINT_EVERY : PAINT_AGAIN);
    if (progress->asking || early || (state->read < 2 && !progress->shown))
        return;
    /* the last column stays free: behind it a terminal begins another line */
    size_t width = width_of(log);
    progress_text(text, width < sizeof text ? width : sizeof text, progress, state, now);
    fprintf(log, "\r%s" ERASE_REST, text);
    fflush(log);
    progress->shown = true;
    progress->painted = now;
}

void
progress_away(struct progress *progress, FILE *log)
{
    if (!progress->shown)
        return;
    fputs("\r" ERASE_REST, log);
    fflush(log);
    progress->shown = false;
}
