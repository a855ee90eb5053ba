// Readers of foreign files under random damage: whatever the bytes are, reading ends, by rows and
// errors alone. STAVE_TEST_SEED replays a run; STAVE_TEST_SCALE (percent) makes it longer.
#include <unistd.h>

#include <algorithm>
#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <random>

#include "cli/formats/bitcask_file.h"
#include "cli/formats/db_dump_writer.h"
#include "cli/formats/file_format.h"
#include "string_lines.h"
#include "support/cmocka.h"

namespace stave::cli {
namespace {

using Random = std::mt19937_64;

size_t below(Random& random, size_t bound) { return random() % bound; }

std::string random_bytes(Random& random, size_t length_max) {
  // Bytes that mean something to one of the formats come often.
  constexpr std::string_view kSpecial("\0\n\r\t\\\", =x{}0aDV", 16);
  std::string out(below(random, length_max + 1), '\0');
  for (char& c : out) {
    c = below(random, 2) == 0 ? kSpecial[below(random, kSpecial.size())]
                              : static_cast<char>(below(random, 256));
  }
  return out;
}

void damage(Random& random, std::string& text) {
  for (size_t times = 1 + below(random, 4); times > 0 && !text.empty(); --times) {
    const size_t at = below(random, text.size());
    switch (below(random, 5)) {
      case 0:
        text[at] = static_cast<char>(below(random, 256));
        break;
      case 1:
        text.erase(at, 1 + below(random, 20));
        break;
      case 2:
        text.insert(at, random_bytes(random, 10));
        break;
      case 3:
        text.insert(at, text.substr(below(random, text.size()), 40));
        break;
      default:
        text.resize(at);
        break;
    }
  }
}

struct Case {
  FileFormat format;
  WriteOptions options;
};

std::vector<Case> cases() {
  std::vector<Case> out;
  for (const DbDumpText text : {DbDumpText::bytevalue, DbDumpText::print}) {
    out.push_back({FileFormat::dbdump, {.encodings = {}, .header = {}, .text = text}});
  }
  out.push_back({FileFormat::jsonl, {}});
  for (const FileFormat format : {FileFormat::csv, FileFormat::tsv}) {
    for (const Encoding encoding : {Encoding::escaped, Encoding::hex, Encoding::base64}) {
      for (const bool expiry : {false, true}) {
        out.push_back(
            {format,
             {.encodings = {encoding, encoding}, .header = HeaderRow::present, .expiry = expiry}});
      }
    }
  }
  out.push_back({FileFormat::csv, {.encodings = {Encoding::raw, Encoding::raw}}});
  return out;
}

std::vector<std::string> read(const Case& one, const std::string& text) {
  StringLines lines(text);
  const ReadOptions options{.encodings = one.options.encodings,
                            .header = one.options.header,
                            .expiry = {},
                            .db_dump = {}};
  return read_all(*make_row_reader(one.format, lines, options), lines);
}

uint64_t seed_of_run() {
  const char* given = std::getenv("STAVE_TEST_SEED");
  const uint64_t seed =
      given != nullptr ? std::strtoull(given, nullptr, 10) : std::random_device()();
  print_message("STAVE_TEST_SEED=%llu\n", static_cast<unsigned long long>(seed));
  return seed;
}

size_t rounds(size_t usual) {
  const char* scale = std::getenv("STAVE_TEST_SCALE");
  return scale == nullptr ? usual : usual * std::strtoul(scale, nullptr, 10) / 100 + 1;
}

void text_formats(void**) {
  Random random(seed_of_run());
  const std::vector<Case> all = cases();
  for (size_t round = 0; round < rounds(3000); ++round) {
    const Case& one = all[round % all.size()];
    const auto writer = make_row_writer(one.format, one.options);
    std::string text;
    writer->begin(text);
    std::vector<std::string> want;
    for (size_t rows = below(random, 5); rows > 0; --rows) {
      std::string key = random_bytes(random, 12);
      key += 'k';
      const std::string value = random_bytes(random, 20);
      const uint64_t expires_at_ms = below(random, 2) == 0 ? 0 : random() >> below(random, 64);
      writer->append(text, key, value, expires_at_ms);
      want.push_back(key + "=" + value);
      if (expires_at_ms != 0 && writer->keeps_expiry()) {
        want.back().append("@").append(std::to_string(expires_at_ms));
      }
    }
    writer->end(text);
    assert_true(read(one, text) == want);
    damage(random, text);
    // A row or an error takes a line at least, but an early end is told beside the row before it.
    const auto lines = static_cast<size_t>(std::count(text.begin(), text.end(), '\n')) + 1;
    assert_true(read(one, text).size() <= lines + 1);
  }
}

void bitcask_files_of_any_bytes(void**) {
  namespace fs = std::filesystem;
  Random random(seed_of_run());
  const fs::path path =
      fs::temp_directory_path() / ("stave-fuzz-" + std::to_string(getpid()) + ".bitcask.data");
  for (size_t round = 0; round < rounds(1000); ++round) {
    // Small numbers in the size fields, so that records go on after the first.
    std::string bytes = random_bytes(random, 200);
    for (size_t i = 0; i + 14 <= bytes.size(); i += 14 + below(random, 30)) {
      for (const size_t zero : {8, 10, 11, 12}) bytes[i + zero] = 0;
      bytes[i + 9] = static_cast<char>(below(random, 8));
      bytes[i + 13] = static_cast<char>(below(random, 30));
    }
    std::ofstream(path, std::ios::binary) << bytes;
    BitcaskFile file(path.string());
    BitcaskRecord record;
    uint64_t before = 0;
    for (bool more = true; more;) {
      try {
        more = file.next(record);
      } catch (const BitcaskDamage& damage) {
        assert_true(damage.offset() == before);
        assert_true(damage.length() > 0);
      }
      assert_true(file.offset() > before || !more);
      before = file.offset();
    }
    assert_true(before == bytes.size());
  }
  fs::remove(path);
}

}  // namespace
}  // namespace stave::cli

int main() {
  using namespace stave::cli;
  const CMUnitTest tests[] = {
      cmocka_unit_test(text_formats),
      cmocka_unit_test(bitcask_files_of_any_bytes),
  };
  return cmocka_run_group_tests_name("cli formats fuzz", tests, nullptr, nullptr);
}
