/* texts.h: the few words for people that web itself says; all others are the site's (describe_error). */
#ifndef WEB_TEXTS_H
#define WEB_TEXTS_H

#include "base/base.h"

/* When not even the error page can be shown. Promises nothing: a form may have been accepted before. The same
 * sentence as the site's own error page for a 500 has. */
static const char WEB_TEXT_BROKEN[] =
	N_("It is not known whether anything was stored, so it is not known whether money will move. Look in the list of"
	   " orders before you send it again.\n");

/* Plain CGI, where there is no desk to ask yet. */
static const char WEB_TEXT_NOT_STARTED[] =
	N_("The order desk cannot start. Nothing was ordered. Its log says why.\n");

#endif
