/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/* What a process may do: looking at it, and taking away from it before tcpflux is started. */
#ifndef TESTS_ROOT_RIGHTS_H
#define TESTS_ROOT_RIGHTS_H

#include <stdbool.h>
#include <stdint.h>
#include <sys/types.h>

#define RIGHT(cap) (1ull << (cap))
#define NOBODY	   65534

/*
 * For a child process, before exec: this user with these capabilities alone, which exec keeps.
 * They aren't root's even for uid 0.
 */
void rights__keep(uid_t uid, uint64_t caps);

/* The same for a user who has none, as by login: file capabilities and set-user-ID count. */
void rights__become(uid_t uid);

/*
 * For a child process, too: this system call fails with EPERM, as a container's seccomp profile
 * may have it.
 */
void rights__refuse(unsigned int number);

/* A line of /proc/PID/status that has a number: CapEff and the like in hexadecimal, NoNewPrivs. */
uint64_t rights__of(pid_t pid, const char *name);

/* Could this user execute the file? */
bool rights__can_execute(uid_t uid, const char *path);

#endif
