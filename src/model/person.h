/* person.h: who is asking, and what that person may do. */
#ifndef MODEL_PERSON_H
#define MODEL_PERSON_H

#include "base/base.h"

enum role {
	ROLE_VIEWER = 1 << 0,
	ROLE_ORDERER = 1 << 1,
	ROLE_APPROVER = 1 << 2,
	ROLE_AUDITOR = 1 << 3,
	ROLE_ADMIN = 1 << 4,
};

struct person {
	const char *user;  /* unique name, never empty */
	const char *name;  /* shown; may equal user */
	const char *email; /* "" where not known */
	unsigned roles;    /* of enum role */
};

static inline bool person_has(const struct person *person, unsigned roles)
{
	return (person->roles & roles) != 0;
}

#endif
