/* hello.c: the floor of a page: a bare libfcgi program with threads that answers every request with the same
 * bytes, as many as it is told. What it reaches behind nginx is what nginx and FastCGI alone cost.
 *
 *     hello SOCKET THREADS BYTES */
#include <fcgiapp.h>
#include <pthread.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

struct hello {
	int fd;
	char *page;
	int bytes;
};

static void *work(void *whom)
{
	struct hello *hello = whom;
	FCGX_Request request;

	if (FCGX_InitRequest(&request, hello->fd, 0) != 0)
		return NULL;
	while (FCGX_Accept_r(&request) == 0) {
		FCGX_FPrintF(request.out, "Content-Type: text/html; charset=utf-8\r\nContent-Length: %d\r\n\r\n",
		             hello->bytes);
		FCGX_PutStr(hello->page, hello->bytes, request.out);
		FCGX_Finish_r(&request);
	}
	return NULL;
}

static int number(const char *text)
{
	return (int)strtol(text, NULL, 10);
}

int main(int argc, char **argv)
{
	struct hello hello = { .fd = -1 };
	pthread_t thread;

	if (argc != 4) {
		fprintf(stderr, "usage: hello SOCKET THREADS BYTES\n");
		return 2;
	}
	hello.bytes = number(argv[3]);
	hello.page = malloc((size_t)hello.bytes + 1);
	if (!hello.page || FCGX_Init() != 0 || (hello.fd = FCGX_OpenSocket(argv[1], 1024)) < 0)
		return 1;
	memset(hello.page, 'x', (size_t)hello.bytes);
	for (int i = 1; i < number(argv[2]); i++)
		if (pthread_create(&thread, NULL, work, &hello) != 0)
			return 1;
	work(&hello);
	return 0;
}
