/* line.c: what every line to Runa shares. It knows no network. */
#include "runa/line.h"

#include <stdlib.h>
#include <string.h>

void runa_answer_drop(struct runa_answer *answer)
{
	if (answer->body != NULL) /* a payout link may be in it */
		explicit_bzero(answer->body, answer->body_bytes);
	free(answer->body);
	answer->body = NULL;
	answer->body_bytes = 0;
}
