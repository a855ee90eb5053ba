#include "cli/manual.h"

#include "cli/engine_options.h"
#include "cli/exit_code.h"

namespace stave::cli {
namespace {

// Text as troff prints it: hyphens that can be copied, no escapes, no requests.
std::string plain(const std::string& text) {
  std::string out;
  if (text.starts_with('.') || text.starts_with('\'')) out = "\\&";
  for (const char c : text) {
    if (c == '\\') {
      out += "\\e";
    } else if (c == '-') {
      out += "\\-";
    } else if (c == '"') {
      out += "\\(dq";
    } else {
      out += c;
    }
  }
  return out;
}

std::string bold(const std::string& text) { return concat({"\\fB", plain(text), "\\fR"}); }
std::string italic(const std::string& text) { return concat({"\\fI", plain(text), "\\fR"}); }

// A value that is one of some words stays upright, a name of one is slanted.
std::string value_text(const std::string& value) {
  if (value.empty()) return "";
  return choices_of(value).empty() ? italic(value) : plain(value);
}

// A sentence: the help has none of the points.
std::string sentence(const std::string& text) {
  return plain(text) + (text.ends_with('.') ? "" : ".") + "\n";
}

std::string head(const char* name, const char* section, const char* manual) {
  return concat({".\\\" Made by 'stave man'.\n.TH ", name, " ", section, " \"\" \"stave ",
                 stave_version(), "\" \"", manual, "\"\n"});
}

void append_flag(std::string& out, const FlagRow& flag) {
  out += ".TP\n";
  for (const std::string& name : flag.names) {
    if (name != flag.names.front()) out += ", ";
    out += bold(name);
  }
  if (!flag.value.empty()) out += ' ';
  out += value_text(flag.value) + "\n";
  out += sentence(flag.help);
}

std::string synopsis(const VerbRow& verb) {
  std::string out;
  for (const ArgumentRow& argument : verb.arguments) {
    out += argument.required ? " " : " [";
    out += italic(argument.name);
    if (argument.many) out += "...";
    if (!argument.required) out += ']';
  }
  if (!verb.flags.empty()) out += concat({" [", italic("FLAGS"), "]"});
  return out;
}

void append_verb(std::string& out, const VerbRow& verb) {
  out += concat({".TP\n.BR ", verb.name, " \"", synopsis(verb), "\"\n", sentence(verb.summary)});
  if (verb.arguments.empty() && verb.flags.empty()) return;
  out += ".RS\n";
  for (const ArgumentRow& argument : verb.arguments) {
    out += concat({".TP\n", italic(argument.name)});
    if (!choices_of(argument.value).empty()) out += concat({" (", plain(argument.value), ")"});
    out += concat({"\n", sentence(argument.help)});
  }
  for (const FlagRow& flag : verb.flags) append_flag(out, flag);
  out += ".RE\n";
}

// The lines "  N   text" of the help.
void append_exit_codes(std::string& out) {
  const std::string help = exit_code_help();
  for (size_t at = help.find("\n  "); at != std::string::npos; at = help.find("\n  ", at + 1)) {
    const size_t end = std::min(help.find('\n', at + 1), help.size());
    const std::string line = help.substr(at + 3, end - at - 3);
    const size_t space = line.find(' ');
    const size_t text = line.find_first_not_of(' ', space);
    out += concat({".TP\n.B ", line.substr(0, space), "\n", plain(line.substr(text)), "\n"});
  }
}

constexpr char kDescription[] =
    R"(.SH DESCRIPTION
.B stave
reads and changes a store of libstave. Verbs that read open it read\-only and work beside a running
writer; verbs that write need it for themselves. The flags of all verbs stand under
.BR OPTIONS ,
before or after the verb. A key or value that begins with a hyphen goes after
.BR \-\- .
Keys and values are bytes; the flags
.BR \-\-format ,
.B \-\-key\-format
and
.B \-\-value\-format
say how they are written:
.B raw
as they are,
.B escaped
with \et \en \er \e\e and \exNN,
.BR hex ,
or
.BR base64 .
A duration is a number with a unit, or several: 90s, 1h30m, 250ms, 7d. A time is 2026\-12\-31,
2026\-12\-31T23:59:30Z (without a zone it is UTC), @SECONDS since 1970, or never.
)";

constexpr char kFormats[] =
    R"(.SH FILE FORMATS
.TP
.B dbdump
The text of
.BR db_dump (1)
and
.BR mdb_dump (1),
VERSION=3, in either form: all in hex, or with printable characters as they are. It has no place
for expiry.
.TP
.B jsonl
An object per line. Its fields are
.B key
and
.BR value ,
strings, or in place of either
.B key_base64
and
.BR value_base64 ,
where the bytes are no UTF\-8;
.B expires_at_ms
is there if the entry expires: milliseconds since 1970, 0 for never. Another field is an error.
.TP
.B csv
RFC 4180. A header is
.B key,value
in either order; behind a name
.BR _raw ,
.BR _escaped ,
.B _hex
or
.B _base64
says how the cells of the column are written, and a third column
.B expires_at_ms
may follow.
.TP
.B tsv
Key, TAB, value, escaped unless a flag says otherwise. With
.B \-\-header
the first line names the columns as in csv. A CR before the newline is read over, unless the last
column is raw.
)";

constexpr char kRepl[] =
    R"(.SH SESSIONS
.B repl
takes commands from a terminal, or from a pipe or a file. In the latter case the first command whose
exit code is not 0 ends the session with that code, a
.B get
of a key that is not there included, unless
.B \-\-keep\-going
is given. When the disk is full, delete keys (a store keeps room for that) and run
.BR merge ,
or make room otherwise.
)";

constexpr char kSequence[] =
    R"(.SH SEQUENCE NUMBERS
Every operation has a number, which
.B watch
prints. After a writer that did not close, the next one may go on at a number some way above the
last: numbers that may have been given away and lost are not given again. So a jump in what
.B watch
shows after such an end is no lost operation by itself;
.B stave verify
tells of damage.
)";

constexpr char kRest[] =
    R"(.SH ENVIRONMENT
.TP
.B STAVE_DIR
Directory of the store.
.TP
.B NO_COLOR
If set and not empty, no colours.
.TP
.B COLUMNS
Width of drawings when there is no terminal.
.SH FILES
.TP
.I $XDG_STATE_HOME/stave/history
The lines typed in
.BR repl ,
which only their user may read; without that variable
.IR ~/.local/state/stave/history .
.TP
.I ~/.editrc
How
.B repl
edits lines:
.BR editrc (5).
.SH EXAMPLES
.nf
export STAVE_DIR=/var/lib/app/store
stave put greeting hello
stave put session:7 Ada \-\-ttl 30m
stave incr visits
stave dump | stave \-\-dir /var/lib/app/copy load
mdb_dump old.lmdb | stave load
stave dump | mdb_load new.lmdb
stave verify || echo "exit code $?"
.fi
.SH SEE ALSO
.BR stave\-options (7),
.BR db_dump (1),
.BR db_load (1),
.BR mdb_dump (1),
.BR mdb_load (1).
The header stave.h is the manual of the library.
)";

void append_option(std::string& out, const stave_option_info& option) {
  const std::string limits = option_bounds(option);
  out += concat({".TP\n.B ", plain(option.name), "\n", plain(option.description), "\n.br\n"});
  out += concat(
      {"Default: ", plain(option.default_value), ". Unit: ", plain(option_unit(option)), "."});
  if (!limits.empty()) out += concat({" Bounds: ", plain(limits), "."});
  out += concat({" Since ", plain(option.since), ".\n"});
}

}  // namespace

std::string manual_of_command(const CommandTable& table) {
  std::string out = head("STAVE", "1", "User Commands");
  out += ".SH NAME\nstave \\- work on a stave key\\-value store\n.SH SYNOPSIS\n.B stave\n";
  out += concat({"[", bold("--dir"), " ", italic("DIR"), "] [", bold("-o"), " ",
                 italic("NAME=VALUE"), "]... ", italic("VERB"), " [", italic("ARGUMENTS"), "]\n"});
  out += kDescription;
  out += ".SH VERBS\n";
  for (const VerbRow& verb : table.verbs) append_verb(out, verb);
  out += ".SH OPTIONS\n";
  for (const FlagRow& flag : table.globals) append_flag(out, flag);
  out += concat({".PP\nEach option of\n.BR stave\\-options (7)\nis a flag of its own, too: ",
                 bold("--max_file_size"), " ", italic("64MiB"), ".\n"});
  out +=
      "The flag\n.B \\-\\-sync\nstands before the verb then: behind a verb that has a flag of that "
      "name it is the verb's.\n";
  out += kFormats;
  out += kRepl;
  out += kSequence;
  out += ".SH EXIT STATUS\n";
  append_exit_codes(out);
  return out + kRest;
}

std::string manual_of_options(const CommandTable& table) {
  std::string out = head("STAVE-OPTIONS", "7", "stave");
  out += ".SH NAME\nstave\\-options \\- options of the stave key\\-value store\n.SH DESCRIPTION\n";
  out +=
      "Programs set options by\n.BR stave_options_set (),\nthe command\n.BR stave (1)\nby\n"
      ".B \\-o\n.IR NAME = VALUE ,\nfor as long as the store is open: nothing of them is stored.\n"
      ".SH OPTIONS\n";
  for (const stave_option_info& option : table.engine) append_option(out, option);
  out += concat({".SH UNITS\n", sentence(option_units_help())});
  return out + ".SH SEE ALSO\n.BR stave (1)\n";
}

}  // namespace stave::cli
