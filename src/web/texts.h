/* texts.h: the few words for people that web itself says; all others are the site's (describe_error). */
#ifndef WEB_TEXTS_H
#define WEB_TEXTS_H

#include "base/base.h"

/* When not even the error page can be shown. Promises nothing: a form may have been accepted before. */
static const char WEB_TEXT_BROKEN[] =
	N_("This page could not be shown. If you sent a form, it may have been accepted:"
	   " please look before you send it again.\n");

#endif
