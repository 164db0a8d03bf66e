#define _GNU_SOURCE
#include "relay.h"
#include "csystem.h"

#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <poll.h>
#include <signal.h>
#include <stddef.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/mman.h>
#include <sys/prctl.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <termios.h>
#include <time.h>
#include <unistd.h>

// The process is a copy of one that may have had threads: it allocates nothing, and calls nothing but the kernel.

enum { TICK = 500, GRACE = 1000 };                 // milliseconds
static const uint64_t LONG = 1000000000;           // nanoseconds after which the status is shown

struct state {
    const struct csystem_relay *relay;
    struct csystem_relay_page *page;
    struct csystem_relay_channel channels[2];
    int count;
    int control;
    int log;          // -1: not opened yet; -2: cannot be
    int driver_pid;
    int driver;       // a pidfd, or -1
    int is_parted;    // the driver makes no more requests
    int is_shown;     // the status
    // where the cursor of the terminal stands: 0 where a line begins, 1 behind text, 2 and 3 within an escape sequence
    // (2: its first character follows), and what it was before
    int cursor, cursor_before;
};

static uint64_t now(void) {
    struct timespec time;
    clock_gettime(CLOCK_MONOTONIC, &time);
    return (uint64_t)time.tv_sec * 1000000000 + (uint64_t)time.tv_nsec;
}

// MARK: writing

static int is_gone(const struct state *state) {
    struct pollfd life = {.fd = state->driver, .events = POLLIN};
    return state->driver >= 0 && poll(&life, 1, 0) > 0;
}

// Waits for whoever does not read as long as the driver would have to wait; once that is gone, not for ever.
static int write_all(const struct state *state, int file, const char *bytes, size_t count) {
    while (count > 0) {
        struct pollfd ready = {.fd = file, .events = POLLOUT};
        if (poll(&ready, 1, GRACE) == 0) {
            if (is_gone(state)) return -1;
            continue;
        }
        ssize_t written = write(file, bytes, count < PIPE_BUF ? count : PIPE_BUF);
        if (written < 0 && errno != EINTR && errno != EAGAIN) return -1;
        if (written > 0) {
            bytes += written;
            count -= (size_t)written;
        }
    }
    return 0;
}

static void make_folders(const char *path) {
    char folder[4096];
    size_t length = strlen(path);
    if (length >= sizeof folder) return;
    memcpy(folder, path, length + 1);
    for (size_t at = 1; at < length; at++) {
        if (folder[at] != '/') continue;
        folder[at] = 0;
        mkdir(folder, 0777);
        folder[at] = '/';
    }
}

static void keep(struct state *state, const char *bytes, size_t count) {
    const char *path = state->relay->log;
    const int how = O_WRONLY | O_APPEND | O_CREAT | O_CLOEXEC;
    if (state->log == -1) {
        state->log = open(path, how, 0644);
        if (state->log < 0 && errno == ENOENT) {
            make_folders(path);
            state->log = open(path, how, 0644);
        }
        if (state->log < 0) state->log = -2;
    }
    if (state->log >= 0) {
        while (count > 0) {
            ssize_t written = write(state->log, bytes, count);
            if (written < 0 && errno == EINTR) continue;
            if (written <= 0) break;
            bytes += written;
            count -= (size_t)written;
            state->page->length += (uint64_t)written;
        }
    }
    if (count > 0) state->page->is_lost = 1;
}

// MARK: the status

static void follow_cursor(struct state *state, const char *bytes, size_t count) {
    for (size_t at = 0; at < count; at++) {
        unsigned char byte = (unsigned char)bytes[at];
        if (state->cursor == 2) {
            state->cursor = byte == '[' ? 3 : state->cursor_before;
        } else if (state->cursor == 3) {
            if (byte >= 0x40 && byte <= 0x7e) state->cursor = state->cursor_before;
        } else if (byte == 27) {
            state->cursor_before = state->cursor;
            state->cursor = 2;
        } else if (byte == '\n' || byte == '\r') {
            state->cursor = 0;
        } else if (byte >= 32) {
            state->cursor = 1;
        }
    }
}

/// The channel on whose terminal the status is shown: the last one, which is that of standard error.
static struct csystem_relay_channel *stage(struct state *state) {
    struct csystem_relay_channel *last = &state->channels[state->count - 1];
    return last->is_terminal && last->target >= 0 ? last : NULL;
}

static void hide(struct state *state) {
    struct csystem_relay_channel *shown = stage(state);
    if (state->is_shown && shown != NULL) write_all(state, shown->target, "\r\033[K", 4);
    state->is_shown = 0;
}

static char *put_text(char *at, const char *text) {
    size_t length = strlen(text);
    memcpy(at, text, length);
    return at + length;
}

static char *put_number(char *at, uint64_t number, int digits) {
    char text[20];
    int length = 0;
    do text[length++] = (char)('0' + number % 10);
    while ((number /= 10) != 0);
    while (length < digits) text[length++] = '0';
    while (length > 0) *at++ = text[--length];
    return at;
}

/// `12 s`, `3 min 05 s`, `2 h 07 min`
static char *put_duration(char *at, uint64_t seconds) {
    if (seconds < 60) return put_text(put_number(at, seconds, 1), " s ");
    if (seconds < 3600) {
        at = put_text(put_number(at, seconds / 60, 1), " min ");
        return put_text(put_number(at, seconds % 60, 2), " s ");
    }
    at = put_text(put_number(at, seconds / 3600, 1), " h ");
    return put_text(put_number(at, seconds / 60 % 60, 2), " min ");
}

/// Whether a line of ours is in nobody's way: the driver is in the foreground, and nobody edits a line.
static int may_show(struct state *state, int terminal) {
    struct termios mode;
    int foreground = -1;
    if (state->cursor != 0 || tcgetattr(terminal, &mode) != 0 || !(mode.c_lflag & ICANON)) return 0;
    return ioctl(terminal, TIOCGPGRP, &foreground) != 0 || foreground == getpgid(state->driver_pid);
}

static void show(struct state *state) {
    struct csystem_relay_channel *shown = stage(state);
    struct csystem_relay_page *page = state->page;
    if (shown == NULL || state->is_parted) return;
    uint64_t since = __atomic_load_n(&page->since, __ATOMIC_SEQ_CST), time = now();
    if (since == 0 || time < since + LONG) return hide(state);
    // what follows stands behind a line of ours: the cursor is only where it would be without it
    if (!may_show(state, shown->target)) return;
    char line[sizeof page->text + 64];
    char *at = put_text(line, "\r\033[Kmartlet: ");
    at = put_duration(at, (time - since) / 1000000000);
    uint32_t length = page->text_length;
    if (length > sizeof page->text) return;
    memcpy(at, page->text, length);
    at += length;
    if (__atomic_load_n(&page->since, __ATOMIC_SEQ_CST) != since) return;
    state->is_shown = 1;
    write_all(state, shown->target, line, (size_t)(at - line));
}

static void follow_size(struct state *state) {
    for (int i = 0; i < state->count; i++) {
        struct csystem_relay_channel *channel = &state->channels[i];
        struct winsize theirs, ours;
        if (!channel->is_terminal || channel->source < 0 || channel->target < 0) continue;
        if (ioctl(channel->target, TIOCGWINSZ, &theirs) != 0 || ioctl(channel->source, TIOCGWINSZ, &ours) != 0) continue;
        if (memcmp(&theirs, &ours, sizeof ours) != 0) ioctl(channel->source, TIOCSWINSZ, &theirs);
    }
}

// MARK: passing on

static void pass_on(struct state *state, struct csystem_relay_channel *channel) {
    char bytes[16384];
    // whoever finds the source empty and then this flag unset knows that all is passed on
    __atomic_store_n(&state->page->is_busy, 1, __ATOMIC_SEQ_CST);
    ssize_t count = read(channel->source, bytes, sizeof bytes);
    if (count > 0) {
        keep(state, bytes, (size_t)count);
        if (channel->target >= 0) {
            struct csystem_relay_channel *shown = stage(state);
            if (shown != NULL) {
                hide(state);
                if (channel == shown) follow_cursor(state, bytes, (size_t)count);
            }
            // nobody looks any more: it is kept all the same
            if (write_all(state, channel->target, bytes, (size_t)count) != 0) channel->target = -1;
        }
    } else if (count == 0 || (errno != EINTR && errno != EAGAIN)) {
        close(channel->source);
        channel->source = -1;
    }
    __atomic_store_n(&state->page->is_busy, 0, __ATOMIC_SEQ_CST);
}

static int has_source(const struct state *state) {
    return state->channels[0].source >= 0 || (state->count > 1 && state->channels[1].source >= 0);
}

static void drain(struct state *state) {
    for (;;) {
        struct pollfd sources[2];
        for (int i = 0; i < state->count; i++) {
            sources[i] = (struct pollfd){.fd = state->channels[i].source, .events = POLLIN};
        }
        if (poll(sources, (nfds_t)state->count, 0) <= 0) return;
        for (int i = 0; i < state->count; i++) {
            if (sources[i].revents != 0) pass_on(state, &state->channels[i]);
        }
    }
}

static void finish(struct state *state) {
    drain(state);
    hide(state);
    _exit(0);
}

static void heed(struct state *state) {
    char request;
    ssize_t count = read(state->control, &request, 1);
    if (count < 0 && errno == EINTR) return;
    if (count <= 0) {
        // who asked is gone; others may still print, as long as the driver lives
        close(state->control);
        state->control = -1;
        if (!state->is_parted || state->driver < 0) finish(state);
        return;
    }
    drain(state);
    hide(state);
    if (request == 'q') {
        state->is_parted = 1;
        if (!has_source(state)) request = 'e';
    }
    while (write(state->relay->answers, &request, 1) < 0 && errno == EINTR) {}
    if (request == 'e') _exit(0);
}

static void run(struct state *state) {
    for (;;) {
        struct pollfd all[4] = {
            {.fd = state->control, .events = POLLIN}, {.fd = state->driver, .events = POLLIN},
            {.fd = state->channels[0].source, .events = POLLIN}, {.fd = -1, .events = POLLIN},
        };
        if (state->count > 1) all[3].fd = state->channels[1].source;
        poll(all, 4, state->channels[0].is_terminal || state->channels[1].is_terminal ? TICK : -1);
        for (int i = 0; i < state->count; i++) {
            if (all[2 + i].revents != 0) pass_on(state, &state->channels[i]);
        }
        if (all[0].revents != 0) heed(state);
        if (all[1].revents != 0 || (state->is_parted && !has_source(state))) finish(state);
        follow_size(state);
        show(state);
    }
}

// MARK: the process

/// Closes everything but what is kept, which stands in rising order.
static void close_others(const int *kept, int count) {
    unsigned first = 0;
    for (int i = 0; i < count; i++) {
        if ((unsigned)kept[i] > first) syscall(SYS_close_range, first, (unsigned)kept[i] - 1, 0);
        first = (unsigned)kept[i] + 1;
    }
    syscall(SYS_close_range, first, ~0U, 0);
}

static void keep_only_ours(const struct csystem_relay *relay, int driver) {
    int kept[8], count = 0;
    kept[count++] = relay->control;
    kept[count++] = relay->answers;
    if (driver >= 0) kept[count++] = driver;
    for (int i = 0; i < relay->channel_count; i++) {
        kept[count++] = relay->channels[i].source;
        kept[count++] = relay->channels[i].target;
    }
    for (int i = 1; i < count; i++) {
        for (int j = i; j > 0 && kept[j - 1] > kept[j]; j--) {
            int other = kept[j];
            kept[j] = kept[j - 1];
            kept[j - 1] = other;
        }
    }
    // where the kernel cannot close the others at once, at least what would hide an end
    for (int i = 0; i < relay->closed_count; i++) close(relay->closed[i]);
    close_others(kept, count);
}

int csystem_relay_waits(int end, int is_terminal) {
    // what was printed on a pseudo-terminal arrives a little later, and poll(2) waits for it; a pipe's length is cheaper
    struct pollfd source = {.fd = end, .events = POLLIN};
    int count = 0;
    return is_terminal ? poll(&source, 1, 0) != 0 : ioctl(end, FIONREAD, &count) != 0 || count != 0;
}

// MARK: what the process need not have

/// A private mapping of memory is worth a call when it has so many bytes.
static const uintptr_t LARGE = 128 << 10;

struct area {
    uintptr_t begin, end;
};

/// Of more than these the rest is copied as fork(2) does.
enum { MOST_AREAS = 256 };

static const char *take_hex(const char *at, uintptr_t *number) {
    *number = 0;
    for (;; at++) {
        int digit = *at >= '0' && *at <= '9' ? *at - '0' : *at >= 'a' && *at <= 'f' ? *at - 'a' + 10 : -1;
        if (digit < 0) return at;
        *number = *number << 4 | (uintptr_t)digit;
    }
}

/// A line of /proc/self/maps: `begin-end rwxp offset device inode name`.
/// - Returns: whether it is a large private mapping that may be written, no file's, without these addresses in it.
static int is_not_needed(const char *line, struct area *area, const uintptr_t *needed, int count) {
    line = take_hex(line, &area->begin);
    if (*line++ != '-') return 0;
    line = take_hex(line, &area->end);
    if (area->end - area->begin < LARGE || line[2] != 'w' || line[4] != 'p') return 0;
    line += 6;
    for (int field = 0; field < 2; field++) {
        while (*line != ' ' && *line != 0) line++;
        if (*line++ != ' ') return 0;
    }
    if (line[0] != '0' || line[1] != ' ') return 0;  // a file's
    for (int i = 0; i < count; i++) {
        if (needed[i] >= area->begin && needed[i] < area->end) return 0;
    }
    return 1;
}

/// A forked process shares its maker's memory, and for each page that the maker changes from then on the maker pays with
/// a copy: some milliseconds for a Python process. Ours needs none of it, but its stack and the thread's own variables.
/// Read once: the kernel takes longer to write the list than for all else here.
/// - Returns: how many areas need not be copied; none when the memory is better left alone: such libraries keep parts of
///   it from forked processes themselves.
static int find_not_needed(struct area *areas) {
    static const char *const careful[] = {"libibverbs", "libcuda", "libnvidia", "libamdhip", "libhsa"};
    char text[8192];
    const uintptr_t needed[] = {(uintptr_t)text, (uintptr_t)&errno};
    int maps = open("/proc/self/maps", O_RDONLY | O_CLOEXEC);
    if (maps < 0) return 0;
    int is_ours = 1, count = 0;
    size_t held = 0;
    for (;;) {
        ssize_t got = read(maps, text + held, sizeof text - 1 - held);
        if (got < 0 && errno == EINTR) continue;
        if (got <= 0) break;
        held += (size_t)got;
        text[held] = 0;
        char *line = text, *end;
        while ((end = strchr(line, '\n')) != NULL) {
            *end = 0;
            for (size_t i = 0; i < sizeof careful / sizeof careful[0]; i++) {
                if (strstr(line, careful[i]) != NULL) is_ours = 0;
            }
            if (count < MOST_AREAS && is_not_needed(line, &areas[count], needed, 2)) count++;
            line = end + 1;
        }
        held -= (size_t)(line - text);
        memmove(text, line, held);
        if (held == sizeof text - 1) break;  // no line is so long
    }
    close(maps);
    return is_ours ? count : 0;
}

static void advise(const struct area *areas, int count, int advice) {
    for (int i = 0; i < count; i++) madvise((void *)areas[i].begin, areas[i].end - areas[i].begin, advice);
}

int csystem_relay_start(const struct csystem_relay *asked) {
    // copies on the stack: the rest of the memory is not the new process's
    struct csystem_relay relay = *asked;
    char log[PATH_MAX];
    int closed[16];
    size_t length = strlen(asked->log);
    if (length >= sizeof log || asked->closed_count > 16) {
        errno = ENAMETOOLONG;
        return -1;
    }
    memcpy(log, asked->log, length + 1);
    memcpy(closed, asked->closed, (size_t)asked->closed_count * sizeof closed[0]);
    relay.log = log;
    relay.closed = closed;

    int driver_pid = getpid();
    int driver = csystem_pidfd_open(driver_pid);
    sigset_t all, before;
    sigfillset(&all);
    pthread_sigmask(SIG_BLOCK, &all, &before);
    struct area areas[MOST_AREAS];
    int count = find_not_needed(areas);
    advise(areas, count, MADV_DONTFORK);
    // no signal at its end: it is nobody's business but its maker's
    int pid = (int)syscall(SYS_clone, 0, NULL, NULL, NULL, NULL);
    if (pid != 0) {
        int error = errno;
        advise(areas, count, MADV_DOFORK);
        pthread_sigmask(SIG_SETMASK, &before, NULL);
        if (driver >= 0) close(driver);
        errno = error;
        return pid;
    }
    setpgid(0, 0);
    prctl(PR_SET_NAME, "martlet-relay", 0, 0, 0);
    void *page = mmap(NULL, sizeof(struct csystem_relay_page), PROT_READ | PROT_WRITE, MAP_SHARED, relay.page, 0);
    if (page == MAP_FAILED) _exit(1);
    struct state state = {
        .relay = &relay, .page = page, .count = relay.channel_count, .control = relay.control, .log = -1,
        .driver_pid = driver_pid, .driver = driver,
    };
    memcpy(state.channels, relay.channels, sizeof state.channels);
    if (state.count < 2) state.channels[1].source = -1;
    keep_only_ours(&relay, driver);
    run(&state);
    return 0;
}
