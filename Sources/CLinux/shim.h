#pragma once
#include <sys/epoll.h>
#include <sys/eventfd.h>

// Swift's own module of the C library leaves these Linux headers out.

/// Names the calling thread, for debuggers; at most 15 bytes count (pthread_setname_np(3), which
/// needs _GNU_SOURCE where it is declared).
static inline void CLinux_nameThread(const char *name) {
    extern int pthread_setname_np(unsigned long, const char *);
    extern unsigned long pthread_self(void);
    pthread_setname_np(pthread_self(), name);
}
