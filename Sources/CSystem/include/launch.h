#ifndef MARTLET_LAUNCH_H
#define MARTLET_LAUNCH_H

/// A program to start. Plain pointers of the caller's, which live until csystem_launch_program returns.
struct csystem_launch {
    /// A path; PATH is not searched.
    const char *program;
    char *const *arguments;
    char *const *environment;
    /// Where it starts; NULL: where this process is.
    const char *directory;
    /// Descriptors; -1: /dev/null.
    int input, output;
    /// Standard error; -1: where standard output goes.
    int errors;
    /// What the program has as descriptor 3; -1: nothing. Everything above is closed.
    int third;
    /// Non-zero: it leads a session of its own, rather than only a process group.
    int own_session;
    /// Non-zero: it stays in the caller's process group instead, and ignores SIGINT, SIGHUP and SIGTERM.
    int companion;
    /// The signal it gets when the calling thread ends; 0: none.
    int death_signal;
    /// Where the child writes its own pid, right-aligned in ten decimal digits, before it becomes the program; it may
    /// be shared with other processes. NULL: nowhere.
    char *note;

    /// After a failure: which call failed, and its errno.
    const char *failed;
    int error;
};

/// Starts a program as posix_spawn does (vfork: nothing of this process is copied), and what posix_spawn cannot do:
/// note and death_signal are in force before the program's first instruction. Signals have their default actions in it
/// and none is blocked.
/// Returns its pid; -1 with `failed` and `error` set.
int csystem_launch_program(struct csystem_launch *launch);

#endif
