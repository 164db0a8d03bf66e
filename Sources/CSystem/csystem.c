#define _GNU_SOURCE
#include "csystem.h"

#include <fcntl.h>
#include <sys/prctl.h>
#include <sys/vfs.h>

#include <signal.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/syscall.h>
#include <unistd.h>

int csystem_pidfd_open(int pid) { return (int)syscall(SYS_pidfd_open, pid, 0); }

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

int csystem_parent_death_signal(int signal) { return prctl(PR_SET_PDEATHSIG, signal, 0, 0, 0); }
