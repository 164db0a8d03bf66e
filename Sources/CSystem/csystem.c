#define _GNU_SOURCE
#include "csystem.h"

#include <fcntl.h>
#include <poll.h>
#include <sys/prctl.h>
#include <sys/vfs.h>

#include <signal.h>
#include <stddef.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/syscall.h>
#include <unistd.h>

int csystem_pidfd_open(int pid) { return (int)syscall(SYS_pidfd_open, pid, 0); }

int csystem_open_place(const char *directory) { return open(directory, O_PATH | O_DIRECTORY | O_CLOEXEC); }

int csystem_memory_file(const char *name) { return memfd_create(name, MFD_CLOEXEC); }

const char *csystem_error_text(int code) { return strerrordesc_np(code); }

const char *csystem_signal_name(int signal) { return sigabbrev_np(signal); }

char **csystem_environment(void) { return environ; }

static int ofd(int fd, int command, struct flock *lock) {
    lock->l_whence = SEEK_SET;
    lock->l_start = 0;
    lock->l_len = 0;
    lock->l_pid = 0;
    return fcntl(fd, command, lock);
}

int csystem_lock(int fd) {
    struct flock lock = {.l_type = F_WRLCK};
    return ofd(fd, F_OFD_SETLK, &lock);
}

int csystem_lock_wait(int fd) {
    struct flock lock = {.l_type = F_WRLCK};
    return ofd(fd, F_OFD_SETLKW, &lock);
}

int csystem_unlock(int fd) {
    struct flock lock = {.l_type = F_UNLCK};
    return ofd(fd, F_OFD_SETLK, &lock);
}

int csystem_is_locked(int fd) {
    struct flock lock = {.l_type = F_WRLCK};
    if (ofd(fd, F_OFD_GETLK, &lock) != 0) return -1;
    return lock.l_type != F_UNLCK;
}

int csystem_file_system(const char *path, unsigned long *magic) {
    struct statfs status;
    if (statfs(path, &status) != 0) return -1;
    *magic = (unsigned long)status.f_type;
    return 0;
}

/// A number in decimal digits and a line feed, from a place where nothing may be allocated.
static int digits(unsigned long number, char *end) {
    char *at = end;
    *--at = '\n';
    do *--at = (char)('0' + number % 10);
    while ((number /= 10) != 0);
    return (int)(end - at);
}

static void beat(const char *path, unsigned long number) {
    char text[24];
    int length = digits(number, text + sizeof text);
    int file = open(path, O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0666);
    if (file < 0) return;
    // closed each time: some file systems show others nothing before
    if (write(file, text + sizeof text - length, (size_t)length) == length) fsync(file);
    close(file);
}

int csystem_pipe(int *ends) { return pipe2(ends, O_CLOEXEC); }

int csystem_heartbeat(int lifeline, int writer, const char *path, int milliseconds) {
    int pid = fork();
    if (pid != 0) return pid;
    close(writer);
    setsid();
    const int ignored[] = {SIGINT, SIGTERM, SIGHUP, SIGPIPE, SIGTSTP, SIGCHLD, SIGUSR1, SIGUSR2, SIGALRM};
    for (unsigned i = 0; i < sizeof ignored / sizeof *ignored; i++) signal(ignored[i], SIG_IGN);
    int nothing = open("/dev/null", O_RDWR);
    for (int fd = 0; fd < 3; fd++) dup2(nothing, fd);
    dup2(lifeline, 3);
    close_range(4, ~0U, 0);
    if (chdir("/") != 0) _exit(1);
    struct pollfd life = {.fd = 3, .events = POLLIN};
    for (unsigned long number = 1;; number++) {
        beat(path, number);
        if (poll(&life, 1, milliseconds) > 0) _exit(0);
    }
}

int csystem_parent_death_signal(int signal) { return prctl(PR_SET_PDEATHSIG, signal, 0, 0, 0); }
