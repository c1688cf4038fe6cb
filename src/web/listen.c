/* listen.c: the socket that web servers connect to. Must not know what comes through it. */
#include <errno.h>
#include <fcntl.h>
#include <netdb.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/un.h>
#include <unistd.h>

#include "base/arena.h"
#include "base/text.h"
#include "web/parts.h"

enum { LISTEN_BACKLOG = 1024, LISTEN_MODE = 0660 };

bool listener_is(int fd)
{
	int listens = 0;
	socklen_t size = sizeof listens;

	return getsockopt(fd, SOL_SOCKET, SO_ACCEPTCONN, &listens, &size) == 0 && listens;
}

/* ---- unix:PATH -------------------------------------------------------------------------------------- */

/* Takes away what a process that was killed left behind: a socket that nobody listens on, and nothing else. */
static bool remove_stale(const struct sockaddr_un *address, struct problem *why)
{
	struct stat about;
	bool ok = false;
	int fd;

	if (lstat(address->sun_path, &about) != 0)
		return true; /* bind says what is wrong with the directory, if anything is */
	if (!S_ISSOCK(about.st_mode)) {
		problem_set(why, "%s is there and is no socket", address->sun_path);
		return false;
	}
	fd = socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0);
	if (fd >= 0 && connect(fd, (const struct sockaddr *)address, sizeof *address) != 0 && errno == ECONNREFUSED)
		ok = unlink(address->sun_path) == 0;
	if (!ok)
		problem_set(why, "%s is in use by another process, or may not be removed", address->sun_path);
	if (fd >= 0)
		close(fd);
	return ok;
}

static bool open_unix(struct web_listener *listener, const char *path, struct problem *why)
{
	struct sockaddr_un address = { .sun_family = AF_UNIX };
	struct stat about;

	if (!*path || strlen(path) >= sizeof address.sun_path) {
		problem_set(why, "the socket's path must have 1 to %zu bytes", sizeof address.sun_path - 1);
		return false;
	}
	memcpy(address.sun_path, path, strlen(path) + 1);
	if (!remove_stale(&address, why))
		return false;
	listener->fd = socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0);
	if (listener->fd < 0 || bind(listener->fd, (struct sockaddr *)&address, sizeof address) != 0) {
		problem_set(why, "cannot make the socket %s: %s", path, strerror(errno));
		return false;
	}
	listener->unix_path = memory_text(path);
	/* before listen(): nobody connects in between */
	if (chmod(path, LISTEN_MODE) != 0 || lstat(path, &about) != 0 || listen(listener->fd, LISTEN_BACKLOG) != 0) {
		problem_set(why, "cannot listen on %s: %s", path, strerror(errno));
		return false;
	}
	listener->device = about.st_dev;
	listener->inode = about.st_ino;
	return true;
}

/* ---- HOST:PORT -------------------------------------------------------------------------------------- */

static int bind_one(const struct addrinfo *one)
{
	int yes = 1;
	int fd = socket(one->ai_family, one->ai_socktype | SOCK_CLOEXEC | SOCK_NONBLOCK, one->ai_protocol);

	if (fd < 0)
		return -1;
	if (setsockopt(fd, SOL_SOCKET, SO_REUSEADDR, &yes, sizeof yes) == 0 &&
	    bind(fd, one->ai_addr, one->ai_addrlen) == 0 && listen(fd, LISTEN_BACKLOG) == 0)
		return fd;
	int error = errno;

	close(fd);
	errno = error;
	return -1;
}

static bool open_tcp(struct web_listener *listener, const char *where, struct problem *why)
{
	static const struct addrinfo wanted = { .ai_socktype = SOCK_STREAM, .ai_flags = AI_PASSIVE | AI_NUMERICSERV };
	struct addrinfo *found = NULL;
	const char *colon = strrchr(where, ':');
	char *host = memory_text(where);
	char *name = host;
	int error;

	if (!colon || colon == where) {
		problem_set(why, "%s is neither unix:PATH nor HOST:PORT", where);
		goto done;
	}
	host[colon - where] = '\0';
	if (name[0] == '[' && text_ends(name, "]")) { /* [::1]:9000 */
		name[strlen(name) - 1] = '\0';
		name++;
	}
	error = getaddrinfo(name, colon + 1, &wanted, &found);
	if (error != 0) {
		problem_set(why, "%s: %s", where, gai_strerror(error));
		goto done;
	}
	for (const struct addrinfo *one = found; one && listener->fd < 0; one = one->ai_next)
		listener->fd = bind_one(one);
	if (listener->fd < 0)
		problem_set(why, "cannot listen on %s: %s", where, strerror(errno));
done:
	if (found)
		freeaddrinfo(found);
	free(host);
	return listener->fd >= 0;
}

/* ---- descriptor 0 ----------------------------------------------------------------------------------- */

static bool take_descriptor_0(struct web_listener *listener, struct problem *why)
{
	int flags;

	if (!listener_is(STDIN_FILENO)) {
		problem_set(why, "descriptor 0 is no listening socket: set [server] listen, or start payoutdesk by"
		                 " spawn-fcgi or a systemd socket");
		return false;
	}
	flags = fcntl(STDIN_FILENO, F_GETFL);
	if (flags < 0 || fcntl(STDIN_FILENO, F_SETFL, flags | O_NONBLOCK) != 0) {
		problem_set(why, "descriptor 0: %s", strerror(errno));
		return false;
	}
	listener->fd = STDIN_FILENO;
	return true;
}

bool listener_open(struct web_listener *listener, const char *where, struct problem *why)
{
	bool ok;

	*listener = (struct web_listener){ .fd = -1 };
	if (!where)
		ok = take_descriptor_0(listener, why);
	else if (text_begins(where, "unix:"))
		ok = open_unix(listener, where + strlen("unix:"), why);
	else
		ok = open_tcp(listener, where, why);
	if (!ok)
		listener_close(listener);
	return ok;
}

void listener_hide(struct web_listener *listener)
{
	struct stat about;

	/* only our own: another process may have put its socket there since */
	if (listener->unix_path && lstat(listener->unix_path, &about) == 0 && about.st_dev == listener->device &&
	    about.st_ino == listener->inode)
		unlink(listener->unix_path);
	free(listener->unix_path);
	listener->unix_path = NULL;
}

void listener_close(struct web_listener *listener)
{
	listener_hide(listener);
	if (listener->fd > STDIN_FILENO)
		close(listener->fd);
	*listener = (struct web_listener){ .fd = -1 };
}
