// The CRC-32 of the records here comes from boost, as the reader's does; that it is zlib's is
// shown by test_import.py, whose files python's zlib makes.
#include <unistd.h>

#include <boost/crc.hpp>
#include <cstdlib>
#include <filesystem>
#include <fstream>

#include "cli/failure.h"
#include "cli/formats/bitcask_file.h"
#include "support/cmocka.h"

namespace stave::cli {
namespace {

namespace fs = std::filesystem;

void append_big(std::string& out, uint64_t number, size_t bytes) {
  for (size_t i = bytes; i-- > 0;) out += static_cast<char>(number >> (8 * i));
}

std::string record(uint32_t tstamp, const std::string& key, const std::string& value) {
  std::string body;
  append_big(body, tstamp, 4);
  append_big(body, key.size(), 2);
  append_big(body, value.size(), 4);
  body += key + value;
  boost::crc_32_type crc;
  crc.process_bytes(body.data(), body.size());
  std::string out;
  append_big(out, crc.checksum(), 4);
  return out + body;
}

class Directory {
 public:
  Directory() {
    std::string name = (fs::temp_directory_path() / "stave-bitcask-XXXXXX").string();
    assert_non_null(mkdtemp(name.data()));
    path_ = name;
  }
  ~Directory() { fs::remove_all(path_); }
  Directory(const Directory&) = delete;
  Directory& operator=(const Directory&) = delete;

  std::string write(const std::string& name, const std::string& bytes) const {
    std::ofstream(path_ / name, std::ios::binary) << bytes;
    return (path_ / name).string();
  }
  std::string path() const { return path_.string(); }

 private:
  fs::path path_;
};

// Records as "offset:tstamp:key=value", damage as "!offset+length", "~" if torn.
std::vector<std::string> read(const std::string& bytes) {
  const Directory directory;
  BitcaskFile file(directory.write("1.bitcask.data", bytes));
  std::vector<std::string> out;
  BitcaskRecord r;
  for (bool more = true; more;) {
    try {
      more = file.next(r);
      if (!more) break;
      out.push_back(std::to_string(r.offset) + ":" + std::to_string(r.tstamp) + ":" +
                    std::string(r.key) + "=" + std::string(r.value));
    } catch (const BitcaskDamage& damage) {
      std::string text(1, damage.torn() ? '~' : '!');
      text += std::to_string(damage.offset());
      text += '+';
      out.push_back(text + std::to_string(damage.length()));
    }
  }
  assert_true(file.offset() == bytes.size());
  return out;
}

void assert_list(const std::vector<std::string>& got, const std::vector<std::string>& want) {
  assert_int_equal(got.size(), want.size());
  for (size_t i = 0; i < got.size(); ++i) assert_string_equal(got[i].c_str(), want[i].c_str());
}

const std::string kA = record(7, "a", "1");    // 16 bytes
const std::string kB = record(~0U, "bb", "");  // 16 bytes
const std::string kC = record(9, "c", "333");  // 18 bytes

std::string flip(std::string bytes, size_t at) {
  bytes[at] = static_cast<char>(bytes[at] ^ 1);
  return bytes;
}

void records(void**) {
  assert_list(read(kA + kB + kC), {"0:7:a=1", "16:4294967295:bb=", "32:9:c=333"});
  assert_list(read(""), {});
}

void a_record_that_is_cut_off(void**) {
  for (size_t left = 1; left < kC.size(); ++left) {
    assert_list(read(kA + kC.substr(0, left)), {"0:7:a=1", "~16+" + std::to_string(left)});
  }
}

void a_damaged_record_between_sound_ones(void**) {
  assert_list(read(kA + flip(kB, 15) + kC), {"0:7:a=1", "!16+16", "32:9:c=333"});
  assert_list(read(kA + flip(kB, 2) + kC), {"0:7:a=1", "!16+16", "32:9:c=333"});
  // A last record of the right length is what a power cut leaves, too.
  assert_list(read(kA + flip(kB, 15)), {"0:7:a=1", "~16+16"});
}

void damaged_sizes_lose_the_rest(void**) {
  std::string long_key = kB;
  long_key[9] = 3;
  assert_list(read(long_key + kC + kA), {"!0+50"});
  std::string long_value = kB;
  long_value[10] = '\xff';
  assert_list(read(long_value + kC), {"~0+34"});
}

void tombstones(void**) {
  const auto is_tombstone = [](std::string_view value) {
    return BitcaskRecord{.offset = 0, .tstamp = 0, .key = "k", .value = value}.is_tombstone();
  };
  assert_true(is_tombstone("bitcask_tombstone"));
  assert_true(is_tombstone(std::string_view("bitcask_tombstone1\0\0\0\7", 22)));
  assert_true(is_tombstone(std::string_view("bitcask_tombstone2\0\0\0\7", 22)));
  assert_false(is_tombstone("bitcask_tombstone2"));
  assert_false(is_tombstone(std::string_view("bitcask_tombstone3\0\0\0\7", 22)));
  assert_false(is_tombstone("bitcask_tombstones are deletes"));
  assert_false(is_tombstone(""));
}

void files_in_order_of_their_numbers(void**) {
  const Directory directory;
  for (const char* name :
       {"10.bitcask.data", "9.bitcask.data", "100.bitcask.data", "9.bitcask.hint", "x.bitcask.data",
        ".bitcask.data", "bitcask.write.lock"}) {
    (void)directory.write(name, "");
  }
  std::vector<std::string> names;
  for (const std::string& path : bitcask_files(directory.path())) {
    names.push_back(fs::path(path).filename().string());
  }
  assert_list(names, {"9.bitcask.data", "10.bitcask.data", "100.bitcask.data"});
}

void directories_without_files(void**) {
  const Directory directory;
  for (const std::string& path : {directory.path(), directory.path() + "/missing"}) {
    try {
      (void)bitcask_files(path);
      fail_msg("accepted");
    } catch (const Failure& failure) {
      assert_true(std::string_view(failure.what()).find(path) != std::string_view::npos);
    }
  }
}

}  // namespace
}  // namespace stave::cli

int main() {
  using namespace stave::cli;
  const CMUnitTest tests[] = {
      cmocka_unit_test(records),
      cmocka_unit_test(a_record_that_is_cut_off),
      cmocka_unit_test(a_damaged_record_between_sound_ones),
      cmocka_unit_test(damaged_sizes_lose_the_rest),
      cmocka_unit_test(tombstones),
      cmocka_unit_test(files_in_order_of_their_numbers),
      cmocka_unit_test(directories_without_files),
  };
  return cmocka_run_group_tests_name("cli bitcask", tests, nullptr, nullptr);
}
