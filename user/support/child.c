// SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
#include "child.h"

#include <errno.h>
#include <signal.h>
#include <spawn.h>
#include <string.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

#include "message.h"

static int spawn_with(pid_t *pid, char **argv, const posix_spawn_file_actions_t *actions)
{
	posix_spawnattr_t attributes;
	sigset_t none, pipe;
	int err;

	sigemptyset(&none);
	sigemptyset(&pipe);
	sigaddset(&pipe, SIGPIPE);
	err = posix_spawnattr_init(&attributes);
	if (err)
		return -err;
	/* RESETIDS: were this program set-user-ID, what it starts must not gain by that. */
	posix_spawnattr_setflags(&attributes, POSIX_SPAWN_SETSIGMASK | POSIX_SPAWN_SETSIGDEF |
						      POSIX_SPAWN_RESETIDS);
	posix_spawnattr_setsigmask(&attributes, &none);
	posix_spawnattr_setsigdefault(&attributes, &pipe);
	err = posix_spawnp(pid, argv[0], actions, &attributes, argv, environ);
	posix_spawnattr_destroy(&attributes);
	return -err;
}

static int spawn(struct child *child, char **argv)
{
	posix_spawn_file_actions_t actions;
	int err = posix_spawn_file_actions_init(&actions);

	if (err)
		return -err;
	if (child->aside)
		err = -posix_spawn_file_actions_adddup2(&actions, STDERR_FILENO, STDOUT_FILENO);
	err = err ?: spawn_with(&child->pid, argv, &actions);
	posix_spawn_file_actions_destroy(&actions);
	return err;
}

int child__start(struct child *child, char **argv)
{
	int err = spawn(child, argv);

	if (err) {
		child->pid = 0;
		return err;
	}
	child->fd = syscall(SYS_pidfd_open, child->pid, 0);
	if (child->fd >= 0)
		return 0;
	err = -errno;
	kill(child->pid, SIGTERM);
	child->pid = 0;
	return err;
}

void child__end(struct child *child)
{
	if (!child->pid)
		return;
	/* One that has become another user's can't be ended without CAP_KILL. */
	if (!waitpid(child->pid, NULL, WNOHANG) && kill(child->pid, SIGTERM))
		message("process %d goes on: %s", child->pid, strerror(errno));
	close(child->fd);
	child->pid = 0;
}
