// template.cc: ctemplate behind the C face of template.h; the only C++ file. No exception crosses.
// The values are kept here rather than in ctemplate's own dictionary, for two reasons: there an included
// template doesn't see the values of the page that includes it, and here they belong to the request's arena.
extern "C" {
#include "web/template.h"
#include "base/text.h"
}

#include <ctemplate/template.h>
#include <ctemplate/template_cache.h>
#include <ctemplate/template_dictionary_interface.h>
#include <ctemplate/template_emitter.h>

#include <cstdio>
#include <cstring>
#include <dirent.h>
#include <exception>
#include <fstream>
#include <iostream>
#include <iterator>
#include <mutex>
#include <new>
#include <set>
#include <sstream>
#include <string>
#include <vector>

using ctemplate::TemplateDictionaryInterface;
using ctemplate::TemplateString;

namespace {

constexpr char FIRST[] = "{{%AUTOESCAPE context=\"HTML\"}}";
constexpr size_t MOST_FILE_BYTES = 1024 * 1024;
constexpr size_t MOST_PAGE_BYTES = 32 * 1024 * 1024;
constexpr ctemplate::Strip STRIP = ctemplate::STRIP_BLANK_LINES;

// A value, a section with its rows, or an included template with its pieces.
struct entry {
	entry *next;
	const char *name;
	size_t name_bytes;
	const char *value;     // of a variable
	size_t value_bytes;
	bool is_shown;         // of a section without rows
	struct values *first, *last; // rows or pieces
	bool is_open;          // its pieces are being expanded
};

} // namespace

struct values final : TemplateDictionaryInterface {
	struct arena *mem;
	const values *parent = nullptr;
	values *next = nullptr;       // the next row of the same section
	const char *file = nullptr;   // of an included template
	entry *entries = nullptr;

	explicit values(struct arena *arena) : mem(arena) {}

	class rows final : public Iterator {
	public:
		explicit rows(const entry *of) : row_(of ? of->first : nullptr) {}
		bool HasNext() const override { return row_ != nullptr; }
		const TemplateDictionaryInterface &Next() override
		{
			const values *row = row_;

			row_ = row->next;
			return *row;
		}

	private:
		const values *row_;
	};

	// ctemplate deletes it once the last piece is expanded.
	class pieces final : public Iterator {
	public:
		explicit pieces(entry *of) : rows_(of), of_(of) { of_->is_open = true; }
		~pieces() override { of_->is_open = false; }
		bool HasNext() const override { return rows_.HasNext(); }
		const TemplateDictionaryInterface &Next() override { return rows_.Next(); }

	private:
		rows rows_;
		entry *of_;
	};

	entry *own(const char *name, size_t bytes) const;
	entry *find(const TemplateString &name) const;
	entry *find_include(const TemplateString &name) const;

	TemplateString GetValue(const TemplateString &name) const override;
	bool IsHiddenTemplate(const TemplateString &name) const override;
	const char *GetIncludeTemplateName(const TemplateString &name, int index) const override;
	Iterator *CreateTemplateIterator(const TemplateString &name) const override;
	Iterator *CreateSectionIterator(const TemplateString &name) const override;
	bool IsUnhiddenSection(const TemplateString &name) const override;
	bool IsHiddenSection(const TemplateString &name) const override { return !IsUnhiddenSection(name); }
	void DumpToString(std::string *, int) const override {}
};

namespace {

// Into an arena's text, up to MOST_PAGE_BYTES.
class emitter final : public ctemplate::ExpandEmitter {
public:
	explicit emitter(struct arena *mem) { text_begin(&text, mem, MOST_PAGE_BYTES); }
	void Emit(char c) override { text_add(&text, &c, 1); }
	void Emit(const std::string &s) override { text_add(&text, s.data(), s.size()); }
	void Emit(const char *s) override { text_add(&text, s, std::strlen(s)); }
	void Emit(const char *s, size_t bytes) override { text_add(&text, s, bytes); }

	struct text text;
};

// What ctemplate says on std::cerr while this lives: its only way to say what is wrong with a template.
class said {
public:
	said() : lock_(mutex_), before_(std::cerr.rdbuf(words_.rdbuf())) {}
	~said() { std::cerr.rdbuf(before_); }
	std::string words() const
	{
		std::string line = words_.str();

		for (char &c : line)
			if (c == '\n')
				c = ' ';
		return line;
	}

private:
	static std::mutex mutex_;
	std::lock_guard<std::mutex> lock_;
	std::ostringstream words_;
	std::streambuf *before_;
};
std::mutex said::mutex_;

} // namespace

// ---- values -----------------------------------------------------------------------------------------

entry *values::own(const char *name, size_t bytes) const
{
	for (entry *e = entries; e; e = e->next)
		if (e->name_bytes == bytes && std::memcmp(e->name, name, bytes) == 0)
			return e;
	return nullptr;
}

// The nearest dictionary that says anything of this name: a row sees what its page says.
entry *values::find(const TemplateString &name) const
{
	for (const values *v = this; v; v = v->parent)
		if (entry *e = v->own(name.data(), name.size()))
			return e;
	return nullptr;
}

// As above, of an included template; not while it is being expanded: within itself it would never end.
entry *values::find_include(const TemplateString &name) const
{
	entry *found = find(name);

	return found && found->first && found->first->file && !found->is_open ? found : nullptr;
}

TemplateString values::GetValue(const TemplateString &name) const
{
	const entry *e = find(name);

	return e && e->value ? TemplateString(e->value, e->value_bytes) : TemplateString("", 0);
}

bool values::IsHiddenTemplate(const TemplateString &name) const { return !find_include(name); }

const char *values::GetIncludeTemplateName(const TemplateString &name, int index) const
{
	const entry *e = find(name); // asked while it is open
	const values *piece = e ? e->first : nullptr;

	while (piece && index-- > 0)
		piece = piece->next;
	return piece ? piece->file : nullptr;
}

TemplateDictionaryInterface::Iterator *values::CreateTemplateIterator(const TemplateString &name) const
{
	entry *e = find_include(name);

	if (!e)
		return new rows(nullptr);
	return new pieces(e);
}

TemplateDictionaryInterface::Iterator *values::CreateSectionIterator(const TemplateString &name) const
{
	return new rows(find(name));
}

bool values::IsUnhiddenSection(const TemplateString &name) const
{
	const entry *e = find(name);

	return e && (e->is_shown || e->first);
}

static entry *entry_of(struct values *v, const char *name)
{
	size_t bytes = std::strlen(name);
	entry *e = v->own(name, bytes);

	if (e)
		return e;
	e = static_cast<entry *>(arena_alloc(v->mem, sizeof *e));
	e->name = name;
	e->name_bytes = bytes;
	e->next = v->entries;
	v->entries = e;
	return e;
}

static struct values *add_child(struct values *v, const char *name)
{
	entry *e = entry_of(v, name);
	values *child = values_new(v->mem);

	child->parent = v;
	if (e->last)
		e->last->next = child;
	else
		e->first = child;
	e->last = child;
	return child;
}

extern "C" struct values *values_new(struct arena *mem)
{
	// Its destructor is never run: all that it has is the arena's.
	return new (arena_alloc(mem, sizeof(struct values))) values(mem);
}

extern "C" void values_set(struct values *v, const char *name, const char *value)
{
	entry *e = entry_of(v, name);

	e->value_bytes = value ? std::strlen(value) : 0;
	e->value = arena_copy(v->mem, value, e->value_bytes);
}

extern "C" void values_number(struct values *v, const char *name, int64_t value)
{
	values_set(v, name, arena_print(v->mem, "%lld", static_cast<long long>(value)));
}

extern "C" void values_show(struct values *v, const char *section) { entry_of(v, section)->is_shown = true; }

extern "C" struct values *values_row(struct values *v, const char *section) { return add_child(v, section); }

extern "C" struct values *values_include(struct values *v, const char *marker, const char *file)
{
	struct values *piece = add_child(v, marker);

	piece->file = arena_text(v->mem, file);
	return piece;
}

// ---- reading templates ------------------------------------------------------------------------------

namespace {

// Sections and lines of one file: ctemplate says what is wrong, but not in which line.
class checker {
public:
	checker(const char *file, const std::string &bytes, struct problem *why) : file_(file), bytes_(bytes), why_(why) {}

	bool run()
	{
		if (bytes_.compare(0, sizeof FIRST - 1, FIRST) != 0)
			return wrong(std::string("a template begins with ") + FIRST);
		for (size_t at = 0; at < bytes_.size(); at++) {
			if (bytes_[at] == '\n') {
				line_++;
			} else if (bytes_.compare(at, 2, "{{") == 0) {
				size_t end = bytes_.find("}}", at);

				if (end == std::string::npos)
					return wrong("{{ has no }}");
				if (!marker(bytes_.substr(at + 2, end - at - 2)))
					return false;
				for (; at < end; at++)
					line_ += bytes_[at] == '\n';
				at++;
			}
		}
		if (open_.empty())
			return true;
		line_ = open_.back().line;
		return wrong("{{#" + open_.back().name + "}} is never closed");
	}

private:
	struct section { std::string name; int line; };

	bool marker(const std::string &inner)
	{
		char kind = inner.empty() ? '\0' : inner[0];
		std::string name = kind && std::strchr("#/>", kind) ? inner.substr(1) : inner;
		std::string modifiers;
		size_t colon = name.find(':');

		if (kind == '!' || kind == '%')
			return true;
		if (colon != std::string::npos) {
			modifiers = name.substr(colon);
			name.resize(colon);
		}
		if (name.empty() || name.find_first_not_of("ABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789_") != std::string::npos)
			return wrong("{{" + inner + "}} is no marker: capitals, digits and _ only");
		if (modifiers.find(":none") != std::string::npos)
			return wrong("{{" + inner + "}}: nothing goes out unescaped");
		if (kind == '#') {
			open_.push_back({ name, line_ });
		} else if (kind == '/') {
			if (open_.empty() || open_.back().name != name)
				return wrong("{{/" + name + "}} closes " +
				             (open_.empty() ? "nothing" : "{{#" + open_.back().name + "}}"));
			open_.pop_back();
		}
		return true;
	}

	bool wrong(const std::string &what)
	{
		problem_set(why_, "%s:%d: %s", file_, line_, what.c_str());
		return false;
	}

	const char *file_;
	const std::string &bytes_;
	struct problem *why_;
	int line_ = 1;
	std::vector<section> open_;
};

bool read_file(const std::string &path, std::string *bytes)
{
	std::ifstream in(path, std::ios::binary);

	if (!in)
		return false;
	bytes->assign(std::istreambuf_iterator<char>(in), std::istreambuf_iterator<char>());
	return !in.bad() && bytes->size() <= MOST_FILE_BYTES;
}

// The names of all *.html of the directory; false: it can't be read.
bool list(const char *dir, std::set<std::string> *names)
{
	DIR *open = opendir(dir);

	if (!open)
		return false;
	while (const struct dirent *one = readdir(open))
		if (one->d_name[0] != '.' && text_ends(one->d_name, ".html"))
			names->insert(one->d_name);
	closedir(open);
	return true;
}

} // namespace

struct templates {
	ctemplate::TemplateCache cache;
	std::set<std::string> names;
};

static bool load(struct templates *all, const std::string &dir, const std::string &name, struct problem *why)
{
	std::string path = dir + "/" + name, bytes;

	if (!read_file(path, &bytes)) {
		problem_set(why, "%s: cannot be read", path.c_str());
		return false;
	}
	if (!checker(path.c_str(), bytes, why).run())
		return false;
	said ctemplate_said;

	if (all->cache.StringToTemplateCache(name, bytes.data(), bytes.size(), STRIP))
		return true;
	problem_set(why, "%s: %s", path.c_str(), ctemplate_said.words().c_str());
	return false;
}

extern "C" struct templates *templates_open(const char *dir, struct problem *why)
{
	struct templates *all = nullptr;

	try {
		all = new templates;
		bool ok = list(dir, &all->names) && !all->names.empty();

		if (!ok)
			problem_set(why, "%s: no templates (*.html) there", dir);
		for (const std::string &name : all->names)
			if (!(ok = ok && load(all, dir, name, why)))
				break;
		if (ok) {
			all->cache.Freeze(); // never looks at the files again
			return all;
		}
	} catch (const std::exception &e) {
		problem_set(why, "%s: %s", dir, e.what());
	} catch (...) {
		problem_set(why, "%s: cannot be read", dir);
	}
	templates_close(all);
	return nullptr;
}

extern "C" void templates_close(struct templates *all)
{
	try {
		delete all;
	} catch (...) {
	}
}

extern "C" char *templates_expand(struct templates *all, const char *file, struct values *v, struct arena *mem,
                                  size_t *bytes, struct problem *why)
{
	*bytes = 0;
	try {
		emitter out(mem);

		if (!all->names.count(file))
			problem_set(why, "no such template: %s", file);
		else if (!all->cache.ExpandWithData(file, STRIP, v, nullptr, &out))
			problem_set(why, "%s or a template in it cannot be expanded", file);
		else if (out.text.is_cut)
			problem_set(why, "%s became longer than %zu bytes", file, MOST_PAGE_BYTES);
		else {
			*bytes = out.text.count;
			return out.text.bytes;
		}
	} catch (const std::exception &e) {
		problem_set(why, "%s: %s", file, e.what());
	} catch (...) {
		problem_set(why, "%s: cannot be expanded", file);
	}
	return nullptr;
}
