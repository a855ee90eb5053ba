// Iterators over damaged values, damaged hints and failing reads.
#include "unit/engine/iterator_store.h"

namespace stave {
namespace {

using test::assert_same;
using test::Index;
using test::LogMaker;
using test::Operation;
using test::Store;

constexpr Io kBoth[] = {Io::mapped, Io::positional};

void a_damaged_value_is_corrupt_with_its_place(void**) {
  for (const Io io : kBoth) {
    Store store(io);
    LogMaker log(1, 1);
    log.put("a", "1");
    log.put("b", std::string(5000, 'v'));
    log.put("c", "3");
    store.add(log, Index::hint);
    const Operation& b = store.operations[1];
    assert_true(store.w.fs.flip_bit(store.segments[0]->path(), b.offset + 3000, 1));
    auto it = store.open(100);
    Bytes value;
    assert_true(it->next().ok() && it->value(&value).ok());
    assert_true(it->next().ok());
    const Status s = it->value(&value);
    assert_true(s.is(Code::corrupt) && value.empty());
    assert_non_null(strstr(s.message().c_str(), test::at_offset(b.offset).c_str()));
    assert_true(it->next().ok() && it->value(&value).ok());
    assert_true(value == "3");
  }
}

// The index is whole and names a record that is not the one in the file.
void a_value_of_another_record_is_corrupt(void**) {
  Store store(Io::positional);
  LogMaker log(1, 1);
  log.put("a", "1");
  store.add(log, Index::hint);
  LogMaker other(1, 1);
  other.put("b", "1");
  LogMaker later(1, 2);
  later.put("a", "1");
  for (const std::string& bytes : {other.bytes(), later.bytes()}) {
    store.w.write_file("/s/other", bytes);
    auto file = store.w.fs.open("/s/other", Access::read);
    assert_true(file.ok());
    assert_true(store.segments[0]->attach(file.take(), 0, Access::read).ok());
    auto it = store.open(100);
    assert_true(it->next().ok());
    Bytes value;
    assert_true(it->value(&value).is(Code::corrupt));
  }
}

// Nothing is skipped or told twice when a hint turns out to be damaged half way.
void damage_in_the_middle_of_a_hint_is_repaired_from_the_data(void**) {
  for (const Io io : kBoth) {
    Store store(io);
    LogMaker log(1, 1);
    for (uint64_t i = 0; i < 20000; ++i) log.put(test::named("key-", i * 7919 % 10000), "value");
    store.add(log, Index::hint);
    const std::string hint = store.segments[0]->hint_path();
    assert_true(store.w.fs.flip_bit(hint, store.w.read_file(hint).size() / 3, 0));
    assert_same(*store.open(20000), store.model(20000));
    assert_same(*store.open(20000, "key-00008"), store.model(20000, "key-00008"));
    LogEvent event;
    uint64_t dropped = 0;
    assert_true(store.w.env->log.next(&event, &dropped));
    assert_true(event.level == LogLevel::warn);
  }
}

void read_errors_end_the_iteration_with_the_error(void**) {
  Store store(Io::positional);
  LogMaker log(1, 1);
  for (uint64_t i = 0; i < 30000; ++i) log.put(test::named("key-", i), "value");
  store.add(log, Index::hint);
  auto it = store.open(30000);
  store.w.fs.inject({test::Op::read, 3, 5, true});
  Status s;
  size_t seen = 0;
  while ((s = it->next()).ok()) ++seen;
  assert_true(s.is(Code::io));
  assert_in_range(seen, 1, 29999);
  assert_false(it->valid());
  assert_true(it->next().is(Code::io));
  assert_true(Iterator::open(store.w.env, store.snapshot(30000), "").status().is(Code::io));
}

// The hint's sectors are bad, the data's are not.
void a_hint_that_cannot_be_read_is_replaced(void**) {
  LogMaker log(1, 1);
  for (uint64_t i = 0; i < 5000; ++i) log.put(test::named("key-", i), "value");
  for (uint64_t nth = 1; nth <= 6; ++nth) {
    Store store(Io::mapped);
    store.add(log, Index::hint);
    store.w.fs.inject({test::Op::read, nth, 5, true, ".hint"});
    assert_same(*store.open(5000), store.model(5000));
    assert_true(store.w.fs.count(test::Op::read) >= nth);
  }
}

void without_descriptors_opening_fails(void**) {
  Store store(Io::mapped);
  LogMaker log(1, 1);
  log.put("a", "1");
  store.add(log, Index::hint);
  store.w.fs.inject({test::Op::open, 1, 24 /* EMFILE */});
  const Status s = Iterator::open(store.w.env, store.snapshot(1), "").status();
  assert_true(s.is(Code::too_many_files));
}

}  // namespace
}  // namespace stave

int main() {
  const CMUnitTest tests[] = {
      cmocka_unit_test(stave::a_damaged_value_is_corrupt_with_its_place),
      cmocka_unit_test(stave::a_value_of_another_record_is_corrupt),
      cmocka_unit_test(stave::damage_in_the_middle_of_a_hint_is_repaired_from_the_data),
      cmocka_unit_test(stave::read_errors_end_the_iteration_with_the_error),
      cmocka_unit_test(stave::a_hint_that_cannot_be_read_is_replaced),
      cmocka_unit_test(stave::without_descriptors_opening_fails),
  };
  return cmocka_run_group_tests(tests, nullptr, nullptr);
}
