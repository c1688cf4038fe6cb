/* identity.c: who is asking. What a client can set is refused rather than cleaned: a name that had to be
 * mended is somebody else's. Must not know what a person may do. */
#include "web/identity.h"

#include <arpa/inet.h>
#include <string.h>

#include "base/sizes.h"
#include "base/text.h"
#include "web/parts.h"

/* ---- lists of networks ------------------------------------------------------------------------------ */

struct network {
	unsigned char bytes[16]; /* IPv4 as ::ffff:a.b.c.d, so that both notations of one address are one */
	unsigned bits;
};

static bool read_address(const char *text, unsigned char out[16], bool *is_v4)
{
	static const unsigned char MAPPED[12] = { [10] = 0xff, [11] = 0xff };
	struct in_addr v4;

	*is_v4 = inet_pton(AF_INET, text, &v4) == 1;
	if (*is_v4) {
		memcpy(out, MAPPED, sizeof MAPPED);
		memcpy(out + sizeof MAPPED, &v4, 4);
		return true;
	}
	return inet_pton(AF_INET6, text, out) == 1;
}

/* "10.0.0.0/8", "::1", ...: `count` bytes of a list. */
static bool read_network(const char *bytes, size_t count, struct network *out)
{
	char text[INET6_ADDRSTRLEN + 8];
	char *slash;
	bool is_v4;
	int64_t bits = 0;

	while (count > 0 && (*bytes == ' ' || *bytes == '\t'))
		bytes++, count--;
	while (count > 0 && (bytes[count - 1] == ' ' || bytes[count - 1] == '\t'))
		count--;
	if (count == 0 || count >= sizeof text)
		return false;
	memcpy(text, bytes, count);
	text[count] = '\0';
	slash = strchr(text, '/');
	if (slash)
		*slash++ = '\0';
	if (!read_address(text, out->bytes, &is_v4))
		return false;
	if (slash && !text_number(slash, is_v4 ? 32 : 128, &bits))
		return false;
	out->bits = slash ? (unsigned)bits + (is_v4 ? 96 : 0) : 128;
	return true;
}

static bool network_has(const struct network *network, const unsigned char address[16])
{
	unsigned whole = network->bits / 8, rest = network->bits % 8;

	if (memcmp(network->bytes, address, whole) != 0)
		return false;
	return rest == 0 || ((network->bytes[whole] ^ address[whole]) >> (8 - rest)) == 0;
}

/* Is the list valid? *is_in: is `address` (may be NULL) in it? */
static bool read_list(const char *cidrs, const unsigned char *address, bool *is_in)
{
	*is_in = false;
	if (!cidrs || !*cidrs)
		return true;
	for (;;) {
		struct network network;
		size_t count = strcspn(cidrs, ",");

		if (!read_network(cidrs, count, &network))
			return false;
		if (address && network_has(&network, address))
			*is_in = true;
		if (cidrs[count] == '\0')
			return true;
		cidrs += count + 1;
	}
}

bool identity_list_has(const char *cidrs, const char *address)
{
	unsigned char bytes[16];
	bool is_v4, is_in;

	return address && read_address(address, bytes, &is_v4) && read_list(cidrs, bytes, &is_in) && is_in;
}

bool identity_list_is_valid(const char *cidrs)
{
	bool is_in;

	return read_list(cidrs, NULL, &is_in);
}

/* ---- reading a person ------------------------------------------------------------------------------- */

struct reading {
	const struct identity_rules *rules;
	char *const *params;
	const char **reason;
};

static bool from_trusted_proxy(const struct reading *reading)
{
	const char *address;

	return params_count(reading->params, "REMOTE_ADDR", &address) == 1 &&
	       identity_list_has(reading->rules->trusted_proxies, address);
}

/* *value is "" where the parameter isn't there. False: refused. */
static bool read_value(const struct reading *reading, const char *param, size_t most, bool may_have_comma,
                       const char **value)
{
	*value = "";
	if (!param || !*param)
		return true;
	size_t count = params_count(reading->params, param, value);

	if (count == 0) {
		*value = "";
		return true;
	}
	*reading->reason = "doubled";
	if (count > 1)
		return false;
	*reading->reason = "untrusted_proxy";
	if (text_begins(param, "HTTP_") && !from_trusted_proxy(reading))
		return false;
	*reading->reason = "too_long";
	if (strlen(*value) > most)
		return false;
	*reading->reason = "control_characters";
	if (!text_is_utf8(*value, strlen(*value)) || !text_is_printable(*value))
		return false;
	/* nginx after 1.23 joins a doubled request header with a comma (design 6) */
	*reading->reason = "comma";
	return may_have_comma || !strchr(*value, ',');
}

static bool read_groups(const struct reading *reading, struct arena *mem, const char *joined, struct web_user *out)
{
	const char separator[2] = { reading->rules->groups_separator, '\0' };

	out->groups = arena_array(mem, SIZE_GROUPS, sizeof *out->groups);
	while (*joined) {
		size_t count = strcspn(joined, separator);
		char *group = text_trim(mem, arena_copy(mem, joined, count));

		joined += count + (joined[count] != '\0');
		if (!*group)
			continue;
		*reading->reason = "groups";
		if (out->group_count == SIZE_GROUPS || strlen(group) > SIZE_GROUP)
			return false;
		out->groups[out->group_count++] = group;
	}
	return true;
}

static void make_demo(struct arena *mem, struct web_user *out)
{
	out->user = out->name = "demo";
	out->email = "";
	out->groups = arena_array(mem, 1, sizeof *out->groups);
	out->groups[0] = "demo";
	out->group_count = 1;
}

enum identity_result identity_read(const struct identity_rules *rules, char *const *params, struct arena *mem,
                                   struct web_user *out, const char **reason)
{
	const struct reading reading = { rules, params, reason };
	const char *user, *name, *email, *groups;

	memset(out, 0, sizeof *out);
	*reason = NULL;
	if (rules->is_demo) {
		make_demo(mem, out);
		return IDENTITY_KNOWN;
	}
	if (!read_value(&reading, rules->user_param, SIZE_USER, false, &user) ||
	    !read_value(&reading, rules->name_param, SIZE_PERSON_NAME, true, &name) ||
	    !read_value(&reading, rules->email_param, SIZE_EMAIL, false, &email) ||
	    !read_value(&reading, rules->groups_param, SIZE_PARAM_BYTES, true, &groups))
		return IDENTITY_REFUSED;
	*reason = NULL;
	if (!*user)
		return IDENTITY_NOBODY;
	*reason = "blanks";
	if (strcmp(text_trim(mem, user), user) != 0)
		return IDENTITY_REFUSED;
	if (!read_groups(&reading, mem, groups, out))
		return IDENTITY_REFUSED;
	out->user = arena_text(mem, user);
	out->name = *name ? arena_text(mem, name) : out->user;
	out->email = arena_text(mem, email);
	*reason = NULL;
	return IDENTITY_KNOWN;
}
