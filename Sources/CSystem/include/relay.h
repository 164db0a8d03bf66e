#ifndef MARTLET_RELAY_H
#define MARTLET_RELAY_H

#include <stdint.h>

/// What passes from a source, where somebody prints to, to a target, where the user looks.
struct csystem_relay_channel {
    /// The reading end of a pipe, or the master of a pseudo-terminal.
    int source;
    int target;
    /// The target is a terminal: the source's size follows it, and there the status may be shown.
    int is_terminal;
};

struct csystem_relay {
    /// Absolute; the file and its folders are made with the first byte. What passes is appended to it.
    const char *log;
    /// From here come requests of one byte: 's' (pass on what there is, take the status away), 'q' (the same, and no
    /// more requests follow).
    int control;
    /// Each request is answered with its byte; a 'q' with 'e' when nobody can print any more, and the process ends.
    int answers;
    /// A file of a csystem_relay_page, shared with whoever makes requests.
    int page;
    /// Once open, these are closed in the new process, so that it sees the end of what it reads.
    const int *closed;
    int closed_count;
    struct csystem_relay_channel channels[2];
    int channel_count;
};

/// Seen by both processes.
struct csystem_relay_page {
    /// Non-zero while something has been read from a source and not been passed on everywhere.
    uint32_t is_busy;
    /// Non-zero when the log could not be written.
    uint32_t is_lost;
    /// Bytes in the log.
    uint64_t length;
    /// Since when the status counts, nanoseconds on the monotonic clock; 0: there is none. Set to 0 before the text changes.
    uint64_t since;
    /// Of the status, in bytes of UTF-8.
    uint32_t text_length;
    char text[2020];
};

/// Forks a process that passes on and keeps what comes from the sources, until the calling process or all who can print
/// have ended. No other thread may fork meanwhile: for that moment most of the memory is kept from new processes. While a status counts for longer than a second, and the cursor of the terminal stands where a line
/// begins, and nobody edits a line there, it shows for how long, with the text behind. The new process calls nothing but
/// the kernel, leads a process group of its own, and cannot be interrupted but by SIGKILL; its end sends no signal, and is awaited with __WALL.
/// Returns its pid, or -1 and errno.
int csystem_relay_start(const struct csystem_relay *relay);

/// Whether something was printed that nobody has read yet. For a pipe this end is the writing one, for a terminal the
/// master.
int csystem_relay_waits(int end, int is_terminal);

#endif
