#ifndef MARTLET_CSYSTEM_H
#define MARTLET_CSYSTEM_H

// Calls of Linux and glibc (up to 2.34) that Swift cannot see: GNU extensions and variadic functions.

/// pidfd_open(2) with close-on-exec; -1 and errno where the kernel (before 5.3) or a container refuses.
int csystem_pidfd_open(int pid);

/// memfd_create(2) with close-on-exec: a file without a name, in memory. -1 and errno where the kernel refuses.
int csystem_memory_file(const char *name);

/// open(2) of a directory as a place to look names up from (O_PATH), which takes no right to list it; with
/// close-on-exec. What is mounted when it is first used is mounted. -1 and errno.
int csystem_open_place(const char *directory);

/// The untranslated words for an errno, safe on every thread; NULL for an unknown one.
const char *csystem_error_text(int code);

/// "KILL" for 9; NULL for an unknown signal.
const char *csystem_signal_name(int signal);

/// prctl(2) PR_SET_PDEATHSIG: the signal this process gets when its parent thread ends. 0, or -1 and errno.
int csystem_parent_death_signal(int signal);

/// F_OFD_SETLK: a write lock on the whole file, held by the open file and so by every process that shares it.
/// 0, or -1 and errno: EAGAIN or EACCES when somebody else holds one.
int csystem_lock(int fd);

/// F_OFD_SETLKW: the same, once nobody else holds one. -1 and errno, EINTR when a signal came.
int csystem_lock_wait(int fd);

/// Gives the lock up, for every process that shares the open file.
int csystem_unlock(int fd);

/// F_OFD_GETLK: 1 when another open file holds a lock on this one, 0 when none does, -1 and errno.
int csystem_is_locked(int fd);

/// statfs(2): the magic number of the file system that a path lies on. 0, or -1 and errno.
int csystem_file_system(const char *path, unsigned long *magic);

/// pipe2(2) with close-on-exec.
int csystem_pipe(int *ends);

/// Forks a process that writes a growing number into the file `path`, at once and every `milliseconds`, until every
/// writer of the pipe behind `lifeline` has closed it or ended. The new process calls nothing but the kernel, leads a
/// session of its own, closes `writer`, this end of the pipe, at once, keeps no descriptor but the pipe's, and cannot be interrupted but by SIGKILL.
/// Its pid, or -1 and errno.
int csystem_heartbeat(int lifeline, int writer, const char *path, int milliseconds);

/// The process's environment as it is now.
char **csystem_environment(void);

#endif
