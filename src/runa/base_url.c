/* base_url.c: which addresses may be Runa's, and which environment an address is. Opens no
 * connection and looks up no name. */
#include "runa/client.h"

#include <arpa/inet.h>
#include <curl/curl.h>
#include <string.h>
#include <strings.h>

struct address {
	CURLU *url;
	char *scheme, *host, *user, *password, *query, *fragment;
};

static char *address_part(CURLU *url, CURLUPart part)
{
	char *text = NULL;

	return curl_url_get(url, part, &text, 0) == CURLUE_OK ? text : NULL;
}

static bool address_open(struct address *address, const char *base_url)
{
	*address = (struct address){ .url = curl_url() };
	if (address->url == NULL || curl_url_set(address->url, CURLUPART_URL, base_url, 0) != CURLUE_OK)
		return false;
	address->scheme = address_part(address->url, CURLUPART_SCHEME);
	address->host = address_part(address->url, CURLUPART_HOST);
	address->user = address_part(address->url, CURLUPART_USER);
	address->password = address_part(address->url, CURLUPART_PASSWORD);
	address->query = address_part(address->url, CURLUPART_QUERY);
	address->fragment = address_part(address->url, CURLUPART_FRAGMENT);
	return address->scheme != NULL && address->host != NULL;
}

static void address_close(struct address *address)
{
	curl_free(address->fragment);
	curl_free(address->query);
	curl_free(address->password);
	curl_free(address->user);
	curl_free(address->host);
	curl_free(address->scheme);
	curl_url_cleanup(address->url);
}

/* The name alone never counts: 127.0.0.1.example.org is somebody else's machine. */
static bool is_loopback(const char *host)
{
	struct in_addr v4;

	if (strcasecmp(host, "localhost") == 0 || strcmp(host, "[::1]") == 0)
		return true;
	return inet_pton(AF_INET, host, &v4) == 1 && (ntohl(v4.s_addr) >> 24) == 127;
}

bool runa_base_url_is_allowed(const char *base_url)
{
	struct address address;
	bool ok = address_open(&address, base_url);

	/* A user and password in the address would end up in messages that name it. */
	ok = ok && address.user == NULL && address.password == NULL;
	ok = ok && address.query == NULL && address.fragment == NULL;
	ok = ok && (strcmp(address.scheme, "https") == 0 ||
	            (strcmp(address.scheme, "http") == 0 && is_loopback(address.host)));
	address_close(&address);
	return ok;
}

enum runa_environment runa_environment_of(const char *base_url)
{
	enum runa_environment environment = RUNA_LIVE; /* in doubt, the word that makes people careful */
	struct address address;

	if (address_open(&address, base_url)) {
		if (is_loopback(address.host))
			environment = RUNA_SANDBOX;
		else if (strcasecmp(address.host, "playground.runa.io") == 0)
			environment = RUNA_PLAYGROUND;
	}
	address_close(&address);
	return environment;
}
