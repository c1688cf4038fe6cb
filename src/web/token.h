/* token.h: the signed form token: the order's key and the proof that our page made the form. It binds a
 * fresh V4 key to a person, a purpose and a time: "KEY.TIME.PERSON.SIGNATURE" (design 2, 6). PERSON is a
 * keyed hash of the user name, so that another person's token is told from an altered one. */
#ifndef WEB_TOKEN_H
#define WEB_TOKEN_H

#include "base/ids.h"
#include "base/seal.h"

enum { TOKEN_SIZE = 160, TOKEN_MAX_AGE_MS = 24 * 60 * 60 * 1000 };

enum token_state {
	TOKEN_GOOD,
	TOKEN_OLD,     /* ours, but older than 24 h (or from the future by more than 5 minutes) */
	TOKEN_OF_OTHER, /* ours, for another person */
	TOKEN_BAD,     /* none, altered, of another purpose or another secret */
};

/* `purpose` is "order" for the order form, or the path of the form's action. */
void token_make(const struct seal_key *secret, const char *purpose, const char *user, const char *key, int64_t now_ms,
                char out[TOKEN_SIZE]);
/* key_out is "" unless TOKEN_GOOD. */
/* key_out is the form's key of TOKEN_GOOD and TOKEN_OLD (it tells whether an old form was used), else "". */
MUST_USE enum token_state token_read(const struct seal_key *secret, const char *purpose, const char *user,
                                     const char *token, int64_t now_ms, char key_out[ID_KEY_SIZE]);

#endif
