#include "cli/formats/csv.h"
#include "cli/formats/file_format.h"
#include "cli/formats/tsv.h"
#include "string_lines.h"
#include "support/cmocka.h"

namespace stave::cli {
namespace {

constexpr Encodings kRaw{Encoding::raw, Encoding::raw};
constexpr Encodings kEscaped{Encoding::escaped, Encoding::escaped};

std::vector<std::string> csv(const std::string& text, HeaderRow header = HeaderRow::automatic,
                             Encodings encodings = kRaw, bool expiry = false) {
  StringLines lines(text);
  CsvReader reader(lines, plain_columns(encodings, expiry), header);
  return read_all(reader, lines);
}

std::vector<std::string> tsv(const std::string& text, HeaderRow header, bool expiry = false) {
  StringLines lines(text);
  TsvReader reader(lines, plain_columns(kEscaped, expiry), header);
  return read_all(reader, lines);
}

void assert_rows(const std::vector<std::string>& got, const std::vector<std::string>& want) {
  assert_int_equal(got.size(), want.size());
  for (size_t i = 0; i < got.size(); ++i) {
    // Of errors the beginning is enough.
    if (want[i].starts_with('!') ? !got[i].starts_with(want[i]) : got[i] != want[i]) {
      fail_msg("row %zu: '%s' instead of '%s'", i, got[i].c_str(), want[i].c_str());
    }
  }
}

void quotes_hold_anything(void**) {
  assert_rows(csv("a,\"x,\"\"y\"\"\r\n\nz\"\n\"b\n\", c \n"), {"a=x,\"y\"\r\n\nz", "b\n= c "});
  const std::string zero("\"a\0\",\0\n", 7);
  assert_rows(csv(zero), {std::string("a\0=\0", 4)});
}

void line_ends_and_empty_lines(void**) {
  assert_rows(csv("a,1\r\n\r\n\nb,2"), {"a=1", "b=2"});
  assert_rows(csv("a,\n,b\n"), {"a=", "=b"});
  assert_rows(csv(""), {});
}

void headers(void**) {
  assert_rows(csv("key,value\na,1\n"), {"a=1"});
  assert_rows(csv("\xef\xbb\xbfkey,value\r\na,1\r\n"), {"a=1"});
  assert_rows(csv("value_hex,key\n31,a\n"), {"a=1"});
  assert_rows(csv("key_base64,value_escaped\nYQ==,\\n\n"), {"a=\n"});
  assert_rows(csv("key,value\n", HeaderRow::absent), {"key=value"});
  assert_rows(csv("key,value\nkey,value\n"), {"key=value"});
  assert_rows(csv("a,1\n", HeaderRow::present), {"!!1: not a header"});
  assert_rows(csv("key,value\n61,31\n", HeaderRow::automatic, {Encoding::hex, Encoding::hex}),
              {"a=1"});
}

void bad_rows(void**) {
  assert_rows(csv("a\na,b,c\nb,2\n"), {"!1: 1 cell", "!2: 3 cells", "b=2"});
  assert_rows(csv("a\"b,1\nc,3\n"), {"!1: column 2: a quote", "c=3"});
  assert_rows(csv("\"a\"b,1\nc,3\n"), {"!1: column 4: a quote", "c=3"});
  assert_rows(csv("a,1\rb,2\nc,3\n"), {"!1: a CR", "c=3"});
  assert_rows(csv("a,1\nb,\"2\n3\n"), {"a=1",
                                       "!!3: the input ends inside quotes, in a row that "
                                       "began in line 2"});
  assert_rows(csv("key_hex,value\n6,1\n"), {"!2: key: not hex"});
}

void csv_comes_back(void**) {
  const CsvWriter writer(kRaw, HeaderRow::automatic, false);
  const std::vector<std::string> cells = {
      "plain",        " lead", "trail\t", "a,b", "q\"", "l\nm", "r\r", "\xff", std::string(1, '\0'),
      "\xef\xbb\xbf", "\"",    ""};
  std::string text;
  writer.begin(text);
  std::vector<std::string> want;
  for (const std::string& key : cells) {
    for (const std::string& value : cells) {
      writer.append(text, key, value, 0);
      want.push_back(key + "=" + value);
    }
  }
  assert_rows(csv(text), want);
}

void tsv_has_a_header_only_if_told(void**) {
  assert_rows(tsv("key\tvalue\na\t1\n", HeaderRow::automatic), {"key=value", "a=1"});
  assert_rows(tsv("key\tvalue\na\t\\n\n", HeaderRow::present), {"a=\n"});
  assert_rows(tsv("value_hex\tkey\n31\ta\n", HeaderRow::present), {"a=1"});
  assert_rows(tsv("a\t1\n", HeaderRow::present), {"!!1: not a header"});
  std::string out;
  TsvWriter({Encoding::hex, Encoding::escaped}, HeaderRow::present, false).begin(out);
  assert_string_equal(out.c_str(), "key_hex\tvalue\n");
}

void a_third_column_holds_the_expiry(void**) {
  assert_rows(csv("key,value,expires_at_ms\na,1,5\nb,2,\nc,3,0\n"), {"a=1@5", "b=2", "c=3@0"});
  assert_rows(csv("expires_at_ms,value,key\n5,1,a\n"), {"a=1@5"});
  assert_rows(csv("a,1,5\nb,2\n", HeaderRow::automatic, kRaw, true), {"a=1@5", "!2: 2 cells"});
  assert_rows(csv("key,value,expires_at_ms\na,1,soon\n"), {"!2: expires_at_ms: 'soon' is not"});
  assert_rows(csv("key,value,other\n"), {"!1: 3 cells"});
  assert_rows(tsv("key\tvalue\texpires_at_ms\na\t\\n\t7\n", HeaderRow::present), {"a=\n@7"});
  assert_rows(tsv("a\t1\t7\nb\t2\t\nc\t3\n", HeaderRow::automatic, true),
              {"a=1@7", "b=2", "!3: 2 cells"});
  std::string out;
  const CsvWriter csv_writer(kRaw, HeaderRow::automatic, true);
  csv_writer.begin(out);
  csv_writer.append(out, "a", "1", 5);
  csv_writer.append(out, "b", "2", 0);
  const TsvWriter tsv_writer(kEscaped, HeaderRow::present, true);
  tsv_writer.begin(out);
  tsv_writer.append(out, "a", "1", 5);
  tsv_writer.append(out, "b", "2", 0);
  assert_string_equal(out.c_str(),
                      "key,value,expires_at_ms\na,1,5\nb,2,\n"
                      "key\tvalue\texpires_at_ms\na\t1\t5\nb\t2\t\n");
}

void formats_by_name_and_first_line(void**) {
  using enum FileFormat;
  assert_true(detect_file_format("x.jsonl", "a\tb") == jsonl);
  assert_true(detect_file_format("x.csv", "") == csv);
  assert_true(detect_file_format("-", "VERSION=3") == dbdump);
  assert_true(detect_file_format("-", "{\"key\":\"a\",\"value\":\"\"}") == jsonl);
  assert_true(detect_file_format("-", "key,value_hex\r") == FileFormat::csv);
  assert_true(detect_file_format("-", "key,value,expires_at_ms") == FileFormat::csv);
  assert_true(detect_file_format("-", "a,b") == FileFormat::tsv);
  // What was a row of TSV before other formats were known stays one.
  assert_true(detect_file_format("-", "VERSION=3\tx") == FileFormat::tsv);
  assert_true(detect_file_format("-", "{}\tx") == FileFormat::tsv);
  assert_true(detect_file_format("x.tsv", "VERSION=3") == FileFormat::tsv);
  assert_true(detect_file_format("-", "") == FileFormat::tsv);
}

}  // namespace
}  // namespace stave::cli

int main() {
  using namespace stave::cli;
  const CMUnitTest tests[] = {
      cmocka_unit_test(quotes_hold_anything),
      cmocka_unit_test(line_ends_and_empty_lines),
      cmocka_unit_test(headers),
      cmocka_unit_test(bad_rows),
      cmocka_unit_test(csv_comes_back),
      cmocka_unit_test(tsv_has_a_header_only_if_told),
      cmocka_unit_test(a_third_column_holds_the_expiry),
      cmocka_unit_test(formats_by_name_and_first_line),
  };
  return cmocka_run_group_tests_name("cli tables", tests, nullptr, nullptr);
}
