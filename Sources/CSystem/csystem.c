#define _GNU_SOURCE
#include "csystem.h"

#include <sys/prctl.h>

#include <signal.h>
#include <string.h>
#include <sys/syscall.h>
#include <unistd.h>

int csystem_pidfd_open(int pid) { return (int)syscall(SYS_pidfd_open, pid, 0); }

int csystem_spawn_chdir(posix_spawn_file_actions_t *actions, const char *path) {
    return posix_spawn_file_actions_addchdir_np(actions, path);
}

int csystem_spawn_closefrom(posix_spawn_file_actions_t *actions, int from) {
    return posix_spawn_file_actions_addclosefrom_np(actions, from);
}

const short csystem_spawn_setsid = POSIX_SPAWN_SETSID;

const char *csystem_error_text(int code) { return strerrordesc_np(code); }

const char *csystem_signal_name(int signal) { return sigabbrev_np(signal); }

char **csystem_environment(void) { return environ; }

int csystem_parent_death_signal(int signal) { return prctl(PR_SET_PDEATHSIG, signal, 0, 0, 0); }
