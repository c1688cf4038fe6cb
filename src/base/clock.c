/* clock.c: the machine's time, and moments as text. Must not know time zones other than UTC, nor the
 * locale. */
#include "base/clock.h"

#include <errno.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <time.h>

#include "base/log.h"

static int64_t machine_ms(clockid_t which)
{
	struct timespec now;

	if (clock_gettime(which, &now) != 0)
		log_die("no_clock", "clock=%d errno=%d", (int)which, errno);
	return (int64_t)now.tv_sec * MS_A_SECOND + now.tv_nsec / 1000000;
}

static int64_t wall_of_machine(const struct clock *clock)
{
	(void)clock;
	return machine_ms(CLOCK_REALTIME);
}

static int64_t steady_of_machine(const struct clock *clock)
{
	(void)clock;
	return machine_ms(CLOCK_BOOTTIME);
}

/* The kernel's name for this start (random(4)): its first 12 digits are as good. In another time namespace the steady
 * clock counts from elsewhere: that is another start. */
static int64_t boot_of_machine(const struct clock *clock)
{
	FILE *file = fopen("/proc/sys/kernel/random/boot_id", "re");
	unsigned high = 0, low = 0;
	struct stat space;
	int64_t boot = 0;

	(void)clock;
	if (file == NULL)
		return 0;
	if (fscanf(file, "%8x-%4x", &high, &low) == 2)
		boot = ((int64_t)(high & 0x7fffffff) << 16) | low;
	(void)fclose(file);
	if (boot != 0 && stat("/proc/self/ns/time", &space) == 0)
		boot ^= (int64_t)(space.st_ino & 0x7fffffff) << 16;
	return boot;
}

const struct clock clock_of_machine = { wall_of_machine, steady_of_machine, boot_of_machine };

/* ---- days and dates -------------------------------------------------------------------------- */

/* The calendar repeats every 400 years (146,097 days). Years are counted from March here, so that the
 * leap day is the last of its year. 719,468 days lie between 0000-03-01 and 1970-01-01. */
enum { DAYS_IN_400_YEARS = 146097, DAYS_TO_1970 = 719468 };

static int64_t divide_down(int64_t a, int64_t b)
{
	return a / b - (a % b < 0);
}

static int64_t day_of_date(int64_t year, int month, int day)
{
	int64_t march_year = year - (month <= 2);
	int64_t cycle = divide_down(march_year, 400);
	int64_t year_of_cycle = march_year - cycle * 400;
	int64_t day_of_year = (153 * (month + (month > 2 ? -3 : 9)) + 2) / 5 + day - 1;
	int64_t day_of_cycle = year_of_cycle * 365 + year_of_cycle / 4 - year_of_cycle / 100 + day_of_year;

	return cycle * DAYS_IN_400_YEARS + day_of_cycle - DAYS_TO_1970;
}

static void date_of_day(int64_t day, int64_t *year, int *month, int *day_of_month)
{
	int64_t shifted = day + DAYS_TO_1970;
	int64_t cycle = divide_down(shifted, DAYS_IN_400_YEARS);
	int64_t doc = shifted - cycle * DAYS_IN_400_YEARS;
	int64_t yoc = (doc - doc / 1460 + doc / 36524 - doc / 146096) / 365;
	int64_t doy = doc - (365 * yoc + yoc / 4 - yoc / 100);
	int64_t march_month = (5 * doy + 2) / 153;

	*day_of_month = (int)(doy - (153 * march_month + 2) / 5 + 1);
	*month = (int)(march_month < 10 ? march_month + 3 : march_month - 9);
	*year = yoc + cycle * 400 + (*month <= 2);
}

static int days_of_month(int year, int month)
{
	static const int days[] = { 31, 28, 31, 30, 31, 30, 31, 31, 30, 31, 30, 31 };
	bool is_leap = (year % 4 == 0 && year % 100 != 0) || year % 400 == 0;

	return days[month - 1] + (month == 2 && is_leap);
}

char *clock_rfc3339(struct arena *mem, int64_t wall_ms)
{
	int64_t day = divide_down(wall_ms, MS_A_DAY), year;
	int second = (int)((wall_ms % MS_A_DAY + MS_A_DAY) % MS_A_DAY / MS_A_SECOND), month, day_of_month;

	date_of_day(day, &year, &month, &day_of_month);
	return arena_print(mem, "%04lld-%02d-%02dT%02d:%02d:%02dZ", (long long)year, month, day_of_month,
	                   second / 3600, second / 60 % 60, second % 60);
}

/* ---- reading --------------------------------------------------------------------------------- */

/* Exactly `count` digits, then `end` ('\0': nothing is asked of what follows). */
static bool take_digits(const char **at, int count, char end, int *out)
{
	int number = 0;

	for (int i = 0; i < count; i++, ++*at) {
		if (**at < '0' || **at > '9')
			return false;
		number = number * 10 + (**at - '0');
	}
	if (end != '\0' && *(*at)++ != end)
		return false;
	*out = number;
	return true;
}

/* ".123456": any number of digits, of which three count. */
static bool take_fraction(const char **at, int *ms)
{
	int worth = 100;

	*ms = 0;
	if (**at != '.')
		return true;
	++*at;
	if (**at < '0' || **at > '9')
		return false;
	for (; **at >= '0' && **at <= '9'; ++*at, worth /= 10)
		*ms += (**at - '0') * worth;
	return true;
}

/* Z, +00:00 or nothing, at the end of the text. */
static bool take_zone(const char **at, int *minutes)
{
	int sign = **at == '-' ? -1 : 1, hours, rest;

	*minutes = 0;
	if (**at == '\0')
		return true;
	if (**at == 'Z')
		return *++*at == '\0';
	if (**at != '+' && **at != '-')
		return false;
	++*at;
	if (!take_digits(at, 2, ':', &hours) || !take_digits(at, 2, '\0', &rest) || hours > 23 || rest > 59)
		return false;
	*minutes = sign * (hours * 60 + rest);
	return **at == '\0';
}

bool clock_parse(const char *text, int64_t *wall_ms)
{
	int year, month, day, hour, minute, second, ms, zone;

	if (!text || !take_digits(&text, 4, '-', &year) || !take_digits(&text, 2, '-', &month) ||
	    !take_digits(&text, 2, 'T', &day) || !take_digits(&text, 2, ':', &hour) ||
	    !take_digits(&text, 2, ':', &minute) || !take_digits(&text, 2, '\0', &second) ||
	    !take_fraction(&text, &ms) || !take_zone(&text, &zone))
		return false;
	if (month < 1 || month > 12 || day < 1 || day > days_of_month(year, month))
		return false;
	if (hour > 23 || minute > 59 || second > 59)
		return false;
	*wall_ms = day_of_date(year, month, day) * MS_A_DAY +
	           (int64_t)(hour * 60 + minute - zone) * MS_A_MINUTE + second * MS_A_SECOND + ms;
	return true;
}
