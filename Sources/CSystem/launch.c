#define _GNU_SOURCE
#include "launch.h"

#include <errno.h>
#include <fcntl.h>
#include <pthread.h>
#include <signal.h>
#include <stddef.h>
#include <sys/prctl.h>
#include <sys/syscall.h>
#include <unistd.h>

// The child shares this process's memory until it becomes the program: it calls nothing but system calls, and tells
// what went wrong by writing it down.

// Out of the way of what is put into place; dup2 of a descriptor onto itself would leave it close-on-exec too.
static int lifted(int fd) { return fd >= 0 && fd <= 3 ? fcntl(fd, F_DUPFD_CLOEXEC, 4) : fd; }

static void close_from(int first) {
#ifdef SYS_close_range
    if (syscall(SYS_close_range, first, ~0U, 0) == 0) return;
#endif
    for (int fd = first; fd < 1024; fd++) close(fd);
}

static void write_pid(char *note, int pid) {
    for (int at = 9; at >= 0; at--, pid /= 10) note[at] = pid > 0 ? (char)('0' + pid % 10) : ' ';
}

static const char *set_up(const struct csystem_launch *launch, int parent) {
    static const int ignored[] = {SIGHUP,  SIGINT,  SIGQUIT, SIGPIPE, SIGALRM, SIGTERM, SIGUSR1, SIGUSR2,
                                  SIGCHLD, SIGTSTP, SIGTTIN, SIGTTOU, SIGXCPU, SIGXFSZ, SIGWINCH};
    if (launch->death_signal != 0) {
        if (prctl(PR_SET_PDEATHSIG, launch->death_signal, 0, 0, 0) != 0) return "prctl";
        // it may have ended before the kernel was told
        if (getppid() != parent) _exit(127);
    }
    if (launch->companion == 0 && (launch->own_session ? setsid() < 0 : setpgid(0, 0) != 0)) return "setpgid";
    if (launch->note != NULL) write_pid(launch->note, getpid());

    // exec resets what is caught; what is ignored would stay so
    struct sigaction usual = {.sa_handler = SIG_DFL};
    for (size_t i = 0; i < sizeof ignored / sizeof *ignored; i++) sigaction(ignored[i], &usual, NULL);

    struct sigaction deaf = {.sa_handler = SIG_IGN};
    if (launch->companion) {
        sigaction(SIGINT, &deaf, NULL);
        sigaction(SIGHUP, &deaf, NULL);
        sigaction(SIGTERM, &deaf, NULL);
    }

    int input = lifted(launch->input), output = lifted(launch->output);
    int errors = lifted(launch->errors), third = lifted(launch->third);
    if (input < 0 || output < 0) {
        int nothing = lifted(open("/dev/null", O_RDWR | O_CLOEXEC));
        if (nothing < 0) return "open /dev/null";
        if (input < 0) input = nothing;
        if (output < 0) output = nothing;
    }
    if (errors < 0) errors = output;
    if (dup2(input, 0) < 0 || dup2(output, 1) < 0 || dup2(errors, 2) < 0) return "dup2";
    if (third >= 0 && dup2(third, 3) < 0) return "dup2";
    close_from(third >= 0 ? 4 : 3);
    if (launch->directory != NULL && chdir(launch->directory) != 0) return "chdir";

    sigset_t none;
    sigemptyset(&none);
    sigprocmask(SIG_SETMASK, &none, NULL);
    execve(launch->program, launch->arguments, launch->environment);
    return "exec";
}

int csystem_launch_program(struct csystem_launch *launch) {
    // a handler must not run in the child, on this process's memory
    sigset_t all, before;
    sigfillset(&all);
    pthread_sigmask(SIG_BLOCK, &all, &before);
    int cancel;
    pthread_setcancelstate(PTHREAD_CANCEL_DISABLE, &cancel);
    launch->error = 0;
    launch->failed = NULL;
    int parent = getpid();
    volatile int pid = vfork();
    if (pid == 0) {
        launch->failed = set_up(launch, parent);
        launch->error = errno;
        _exit(127);
    }
    int error = errno;
    pthread_setcancelstate(cancel, NULL);
    pthread_sigmask(SIG_SETMASK, &before, NULL);
    if (pid < 0) {
        launch->failed = "vfork";
        launch->error = error;
        return -1;
    }
    if (launch->failed != NULL) {
        int status;
        while (syscall(SYS_wait4, pid, &status, 0, NULL) < 0 && errno == EINTR) {}
        return -1;
    }
    return pid;
}
