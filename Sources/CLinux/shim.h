#pragma once

// What Swift's Glibc module leaves out of Linux.
#include <sys/epoll.h>
#include <sys/eventfd.h>
#include <sys/prctl.h>

/// Names the calling thread for top(1) and debuggers: at most 15 bytes (PR_SET_NAME, prctl(2)).
static inline void CLinux_setThreadName(const char *name) {
    prctl(PR_SET_NAME, name, 0, 0, 0);
}
