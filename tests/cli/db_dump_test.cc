#include "cli/formats/db_dump_reader.h"
#include "cli/formats/db_dump_writer.h"
#include "string_lines.h"
#include "support/cmocka.h"

namespace stave::cli {
namespace {

using Options = DbDumpReader::Options;

std::vector<std::string> read(const std::string& text, const Options& options = {}) {
  StringLines lines(text);
  DbDumpReader reader(lines, options);
  return read_all(reader, lines);
}

// The only thing that is read, which begins with `want`.
void assert_one(const std::vector<std::string>& got, const std::string& want) {
  assert_int_equal(got.size(), 1);
  if (!got[0].starts_with(want)) fail_msg("%s", got[0].c_str());
}

std::string dump(const std::string& header, const std::string& data) {
  return "VERSION=3\n" + header + "HEADER=END\n" + data + "DATA=END\n";
}

void bytevalue(void**) {
  const std::string text = dump("format=bytevalue\ntype=btree\n", " 61\n 00fF\n 62\n \n");
  const auto got = read(text);
  assert_int_equal(got.size(), 2);
  assert_true(got[0] == std::string("a=\0\xff", 4));
  assert_true(got[1] == "b=");
}

void print(void**) {
  const auto got = read(dump("format=print\n", " a b \n  \\00\\\\41\\5c\n"));
  assert_int_equal(got.size(), 1);
  assert_true(got[0] == std::string("a b = \0\\41\\", 11));
}

void headers_of_the_tools_are_known(void**) {
  const std::string lmdb =
      "format=bytevalue\ndatabase=x\ntype=btree\nmapsize=1048576\nmaxreaders=126\n"
      "db_pagesize=4096\n";
  assert_one(read(dump(lmdb, " 61\n 62\n")), "a=b");
  assert_one(read(dump("format=bytevalue\ntype=hash\nh_nelem=3\nchksum=1\n", " 61\n 62\n")), "a=b");
  std::string windows = dump("format=bytevalue\n", " 61\n 62\n");
  for (size_t at = 0; (at = windows.find('\n', at)) != std::string::npos; at += 2) {
    windows.replace(at, 1, "\r\n");
  }
  assert_one(read(windows), "a=b");
}

void bad_rows_name_line_and_column(void**) {
  const std::string header = "format=bytevalue\n";
  const auto got = read(dump(header, " 6x\n 31\n 62\n 3\n 63\n zz\n 64\n 34\n"));
  assert_int_equal(got.size(), 4);
  assert_true(got[0].starts_with("!4: column 3: "));
  assert_true(got[1].starts_with("!7: column 2: half a byte"));
  assert_true(got[2].starts_with("!9: column 2: "));
  assert_true(got[3] == "d=4");
  assert_one(read(dump("format=print\n", " a\\z\n b\n")), "!4: column 3: a backslash");
}

void broken_structure_ends_it(void**) {
  assert_one(read("VERSION=3\nHEADER=END\n"), "!!2: the dump ends too early");
  assert_one(read("VERSION=3\nformat=print\n"), "!!2: the dump ends too early");
  assert_one(read("VERSION=3\nHEADER=END\n 61\nDATA=END\n"), "!!4: a key without a value");
  assert_one(read("VERSION=3\nHEADER=END\n61\n"), "!!3: neither DATA=END nor");
  assert_one(read("VERSION=4\nHEADER=END\n"), "!!1: version 4");
  assert_one(read("VERSION=3\nformat=xml\n"), "!!2: format 'xml'");
  assert_one(read("VERSION=3\nhello\n"), "!!2: not a line of a dump's header");
  assert_one(read("hello\n"), "!!1: a dump begins with VERSION=3");
  assert_one(read(dump("type=recno\n", " 61\n")), "!!3: the database is of type recno");
  assert_true(read("").empty());
}

void a_bad_key_at_the_end_hides_no_early_end(void**) {
  const auto got = read("VERSION=3\nHEADER=END\n 6\n");
  assert_int_equal(got.size(), 2);
  assert_true(got[0].starts_with("!3: column 2: half"));
  assert_true(got[1].starts_with("!!3: the dump ends too early"));
}

void one_of_several_databases(void**) {
  const std::string text = dump("database=one\n", " 61\n 31\n") + dump("", " 62\n 32\n") +
                           dump("database=two\ntype=recno\nkeys=1\n", " 63\n 33\n");
  assert_one(read(text, {.database = "two"}), "c=3");
  assert_one(read(text, {.database = "one"}), "a=1");
  assert_one(read(text, {.database = ""}), "b=2");
  const auto all = read(text);
  assert_int_equal(all.size(), 2);
  assert_true(all[1].starts_with("!!8: a second database begins, one without a name after 'one'"));
  assert_one(read(text, {.database = "x"}),
             "!!19: the dump holds no database 'x'; it holds: 'one'");
}

void duplicates(void**) {
  const std::string text = dump("duplicates=1\n", " 61\n 31\n 61\n 32\n 62\n 33\n");
  const auto got = read(text);
  assert_int_equal(got.size(), 3);
  assert_true(got[1].starts_with("!7: another value of the key"));
  assert_int_equal(read(text, {.database = {}, .last_duplicate = true}).size(), 3);
  // Without the header's word the last of equal keys counts, as in all other formats.
  const auto plain = read(dump("", " 61\n 31\n 61\n 32\n"));
  assert_true(plain.back() == "a=2");
}

void written_text(void**) {
  std::string out;
  const DbDumpWriter hex(DbDumpText::bytevalue, 1U << 20);
  hex.begin(out);
  hex.append(out, "k", std::string_view("\0\n", 2), 0);
  hex.end(out);
  assert_string_equal(out.c_str(),
                      "VERSION=3\nformat=bytevalue\ntype=btree\nmapsize=1048576\nHEADER=END\n 6b\n "
                      "000a\nDATA=END\n");
  out.clear();
  const DbDumpWriter print(DbDumpText::print, 0);
  print.begin(out);
  print.append(out, "k \\", "\x7f~\xc3", 0);
  assert_string_equal(out.c_str(),
                      "VERSION=3\nformat=print\ntype=btree\nHEADER=END\n k \\5c\n \\7f~\\c3\n");
}

void map_has_room_and_is_whole(void**) {
  assert_true(lmdb_map_bytes(0) == kLmdbMapDefault);
  assert_true(lmdb_map_bytes(100000) == kLmdbMapDefault);
  const uint64_t large = lmdb_map_bytes(uint64_t{10} << 30);
  assert_true(large > uint64_t{40} << 30);
  assert_int_equal(large % (1 << 20), 0);
}

}  // namespace
}  // namespace stave::cli

int main() {
  using namespace stave::cli;
  const CMUnitTest tests[] = {
      cmocka_unit_test(bytevalue),
      cmocka_unit_test(print),
      cmocka_unit_test(headers_of_the_tools_are_known),
      cmocka_unit_test(bad_rows_name_line_and_column),
      cmocka_unit_test(broken_structure_ends_it),
      cmocka_unit_test(a_bad_key_at_the_end_hides_no_early_end),
      cmocka_unit_test(one_of_several_databases),
      cmocka_unit_test(duplicates),
      cmocka_unit_test(written_text),
      cmocka_unit_test(map_has_room_and_is_whole),
  };
  return cmocka_run_group_tests_name("cli db_dump", tests, nullptr, nullptr);
}
