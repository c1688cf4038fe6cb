/* token.h: the signed form token: the order's key and the proof that our page made the form. It binds a
 * fresh V4 key to a person, a purpose and a time: "KEY.TIME.PERSON.SECRET.SIGNATURE" (design 2, 6). PERSON is
 * a keyed hash of the user name, so that another person's token is told from an altered one; SECRET is the
 * secret's id, so that one signed before the secret was replaced is (faults 25). */
#ifndef WEB_TOKEN_H
#define WEB_TOKEN_H

#include "base/ids.h"
#include "base/seal.h"

enum { TOKEN_SIZE = 192, TOKEN_MAX_AGE_MS = 24 * 60 * 60 * 1000 };

enum token_state {
	TOKEN_GOOD,
	TOKEN_OLD,     /* ours, but older than 24 h (or from the future by more than 5 minutes) */
	TOKEN_OF_OTHER, /* ours, for another person */
	TOKEN_OF_OTHER_SECRET, /* says that it was signed with another secret: nothing in it is proven */
	TOKEN_BAD,     /* none, altered, or of another purpose */
};

/* `purpose` is "order" for the order form, or the path of the form's action. */
void token_make(const struct seal_key *secret, const char *purpose, const char *user, const char *key, int64_t now_ms,
                char out[TOKEN_SIZE]);
/* key_out is the form's key (it tells whether an old form was used), and "" for TOKEN_BAD. */
MUST_USE enum token_state token_read(const struct seal_key *secret, const char *purpose, const char *user,
                                     const char *token, int64_t now_ms, char key_out[ID_KEY_SIZE]);
/* The key of the form that comes back to `user` in place of one with old_key. The same each time: however often
 * the old form is sent, what comes back orders once. Nobody can tell it without the secret. */
void token_renewed_key(const struct seal_key *secret, const char *old_key, const char *user,
                       char out[ID_KEY_SIZE]);

#endif
