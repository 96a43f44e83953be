/* Preloaded into a gateway: its clock of the day is SKEW_S seconds off, and no other clock is. */
#define _GNU_SOURCE
#include <dlfcn.h>
#include <stdlib.h>
#include <time.h>

int clock_gettime(clockid_t clock, struct timespec *now) {
    static int (*real)(clockid_t, struct timespec *);
    static long skew_s;
    if (!real) {
        skew_s = atol(getenv("SKEW_S"));
        real = dlsym(RTLD_NEXT, "clock_gettime");
    }
    int status = real(clock, now);
    if (clock == CLOCK_REALTIME) now->tv_sec += skew_s;
    return status;
}
