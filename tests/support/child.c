/* child.c: a fork whose standard error is a pipe. Must not know what the child is for. */
#include "support/child.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

static void child_must(bool held, const char *what)
{
	if (held)
		return;
	fprintf(stderr, "child_run: %s: %s\n", what, strerror(errno));
	abort();
}

struct child_end child_run(void (*work)(void *thing), void *thing)
{
	struct child_end end = { 0 };
	size_t count = 0;
	char rest[256];
	int ends[2], status;

	child_must(pipe(ends) == 0, "pipe");
	fflush(NULL);

	pid_t child = fork();

	child_must(child >= 0, "fork");
	if (child == 0) {
		child_must(dup2(ends[1], STDERR_FILENO) >= 0, "dup2");
		close(ends[0]);
		close(ends[1]);
		work(thing);
		_exit(0);
	}
	close(ends[1]);
	for (;;) {
		bool is_full = count == sizeof end.said - 1;
		ssize_t got = read(ends[0], is_full ? rest : end.said + count,
		                   is_full ? sizeof rest : sizeof end.said - 1 - count);

		if (got < 0 && errno == EINTR)
			continue;
		child_must(got >= 0, "read");
		if (got == 0)
			break;
		count += is_full ? 0 : (size_t)got;
	}
	close(ends[0]);
	child_must(waitpid(child, &status, 0) == child, "waitpid");
	end.status = WIFEXITED(status) ? WEXITSTATUS(status) : 128 + WTERMSIG(status);
	return end;
}
