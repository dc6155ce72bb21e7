/* Times libical: the same window and the same answer as the programs in Go. See doc.go. */
#include <libical/ical.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

static long count;

static void met(icalcomponent *event, struct icaltime_span *span, void *data)
{
    (void)event, (void)span, (void)data;
    count++;
}

static double now(void)
{
    struct timespec t;
    clock_gettime(CLOCK_MONOTONIC, &t);
    return t.tv_sec * 1e3 + t.tv_nsec / 1e6;
}

static int byTime(const void *a, const void *b)
{
    double x = *(const double *)a, y = *(const double *)b;
    return (x > y) - (x < y);
}

/* Midnight of 1 January in Paris. */
static struct icaltimetype newYear(int year)
{
    struct icaltimetype t = icaltime_from_day_of_year(1, year);
    t.is_date = 0;
    return icaltime_set_timezone(&t, icaltimezone_get_builtin_timezone("Europe/Paris"));
}

static int readOnce(const char *text)
{
    icalcomponent *calendar = icalparser_parse_string(text);
    if (!calendar)
        return 0;
    count = 0;
    for (icalcomponent *event = icalcomponent_get_first_component(calendar, ICAL_VEVENT_COMPONENT); event;
         event = icalcomponent_get_next_component(calendar, ICAL_VEVENT_COMPONENT))
        icalcomponent_foreach_recurrence(event, newYear(2026), newYear(2027), met, NULL);
    icalcomponent_free(calendar);
    return 1;
}

int main(int argc, char **argv)
{
    enum { MOST = 100000 };
    static double times[MOST];
    if (argc != 3) {
        fprintf(stderr, "usage: %s FILE SECONDS\n", argv[0]);
        return 1;
    }
    FILE *f = fopen(argv[1], "rb");
    if (!f || fseek(f, 0, SEEK_END)) {
        perror(argv[1]);
        return 1;
    }
    long size = ftell(f);
    rewind(f);
    char *text = malloc(size + 1);
    if (!text || fread(text, 1, size, f) != (size_t)size) {
        perror(argv[1]);
        return 1;
    }
    text[size] = 0;
    if (!readOnce(text)) { /* once, to warm up */
        fprintf(stderr, "libical reads nothing\n");
        return 1;
    }
    int n = 0;
    for (double begun = now(); (now() - begun < atof(argv[2]) * 1e3 || n < 3) && n < MOST; n++) {
        double start = now();
        readOnce(text);
        times[n] = now() - start;
    }
    qsort(times, n, sizeof *times, byTime);
    printf("%.4f %ld\n", times[n / 2], count);
    return 0;
}
