/* origin.c: did one of our own pages send this POST? The browser says so in headers that no page can set.
 *
 * Every answer says `Referrer-Policy: no-referrer`, and under it a browser sends `Origin: null` with the POSTs
 * of our own forms too (Fetch, 3.2, "append a request `Origin` header": not cors, no-referrer). So a null
 * origin alone tells nothing, and Sec-Fetch-Site decides: it is set by the browser and forbidden to scripts
 * (W3C Fetch Metadata), and a sandboxed frame has an opaque origin, which makes it cross-site.
 *
 * Browsers send Sec-Fetch-Site to trustworthy addresses only (https, localhost). For plain http in an intranet
 * the layout has <meta name="referrer" content="same-origin">: then Origin is said to us, and no address of
 * ours to anybody else. */
#include <string.h>
#include <strings.h>

#include "base/sizes.h"
#include "base/text.h"
#include "web/parts.h"

/* Origin is "scheme://host[:port]". Behind another proxy that ends TLS we cannot know the scheme people use, so
 * without public_url http and https of the same host are both ours, unless our own web server speaks TLS. */
static bool is_host_of_request(const char *origin, char *const *params)
{
	const char *host, *https, *rest;

	if (params_count(params, "HTTP_HOST", &host) != 1 || !*host)
		return false;
	if (strncasecmp(origin, "https://", 8) == 0)
		rest = origin + 8;
	else if (strncasecmp(origin, "http://", 7) == 0 &&
	         !(params_count(params, "HTTPS", &https) == 1 && strcasecmp(https, "on") == 0))
		rest = origin + 7;
	else
		return false;
	return strcasecmp(rest, host) == 0;
}

bool origin_is_ours(const char *public_url, char *const *params, const char **reason)
{
	const char *origin, *site;
	size_t origins = params_count(params, "HTTP_ORIGIN", &origin);
	size_t sites = params_count(params, "HTTP_SEC_FETCH_SITE", &site);

	if (origins > 1 || sites > 1) {
		*reason = "doubled";
		return false;
	}
	if (sites == 1 && strcmp(site, "same-origin") != 0 && strcmp(site, "none") != 0) {
		*reason = "other_site";
		return false;
	}
	/* Neither is said by old browsers and by programs: the token is proof enough, no other page can read it. */
	if (origins == 0)
		return true;
	if (strcmp(origin, "null") == 0) {
		*reason = "null_origin";
		return sites == 1 && strcmp(site, "same-origin") == 0;
	}
	*reason = "other_origin";
	if (public_url && *public_url)
		return strcasecmp(origin, public_url) == 0;
	return is_host_of_request(origin, params);
}
