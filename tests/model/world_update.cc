// Calls that read before they write, against the reference: what they answer, and what they do.

#include <rapidcheck.h>

#include <cstdlib>

#include "engine/updates.h"
#include "model/world.h"

namespace stave::test {
namespace {

constexpr auto kWish = SyncWish::store_default;

// What malloc made, freed.
std::string taken(void* own, size_t length) {
  std::string text(own == nullptr ? "" : static_cast<const char*>(own),
                   own == nullptr ? 0 : length);
  std::free(own);
  return text;
}

std::optional<int64_t> number_in(const std::string& text) {
  if (text.empty() || text.size() > 18) return std::nullopt;
  const size_t sign = text[0] == '-' ? 1 : 0;
  if (text.size() == sign) return std::nullopt;
  if (text.find_first_not_of("0123456789", sign) != std::string::npos) return std::nullopt;
  return std::stoll(text);
}

}  // namespace

void World::expect(const Status& s, Code code, const Group& group) {
  if (fs_->frozen()) {
    // Stopped in the middle: it may have been done, if it was to be done at all.
    if (code == Code::ok) conclude(s, group);
    return;
  }
  if (!s.is(code)) RC_FAIL("an update answered: " + s.message());
  if (code == Code::ok) conclude(s, group);
}

uint64_t World::version_of(const std::string& key) {
  Store::Entry entry;
  (void)store_->get_entry(key, &entry);
  return entry.version;
}

void World::update(const Command& c) {
  const std::string key = key_of(c.a);
  switch (c.b % 7) {
    case 0:
      compare_and_set(c, key);
      break;
    case 1:
      by_version(c, key);
      break;
    case 2:
      by_value(c, key);
      break;
    case 3:
      swap(c, key);
      break;
    case 4:
      increment(c, key);
      break;
    case 5:
      append(c, key);
      break;
    default:
      change_expiry(c, key);
      break;
  }
  if (!fs_->frozen()) compare_key(key);
}

void World::compare_and_set(const Command& c, const std::string& key) {
  const auto held = present(key);
  const Held next{next_value(c.a)};
  if (c.a % 4 == 0) {
    return expect(put_if_absent(*store_, key, next.value, kWish), held ? Code::conflict : Code::ok,
                  {{key, next}});
  }
  const bool right = c.a % 4 != 1;
  const std::string expected = (held ? held->value : "") + (right ? "" : "!");
  const Code code = !held ? Code::not_found : right ? Code::ok : Code::conflict;
  expect(stave::compare_and_set(*store_, key, expected, next.value, kWish), code, {{key, next}});
}

void World::by_version(const Command& c, const std::string& key) {
  const auto held = present(key);
  const uint64_t now = version_of(key);
  if (!fs_->frozen()) RC_ASSERT((now != 0) == held.has_value());
  const bool right = c.a % 3 != 0;
  const uint64_t version = right ? now : now + 1;
  const Code wrong = held ? Code::conflict : Code::not_found;
  if (c.a % 5 == 0) {
    return expect(delete_if_version(*store_, key, version, kWish), held && right ? Code::ok : wrong,
                  {{key, std::nullopt}});
  }
  const Held next{next_value(c.a)};
  uint64_t after = 0;
  const Status s = put_if_version(*store_, key, version, next.value, kWish, &after);
  if (s.ok()) RC_ASSERT(after > now);
  expect(s, right ? Code::ok : wrong, {{key, next}});
}

void World::by_value(const Command& c, const std::string& key) {
  const auto held = present(key);
  const bool right = c.a % 3 != 0;
  const std::string expected = right ? (held ? held->value : "") : "no value is like this";
  const Code code = !held ? Code::not_found : right ? Code::ok : Code::conflict;
  expect(delete_if_value(*store_, key, expected, kWish), code, {{key, std::nullopt}});
}

void World::swap(const Command& c, const std::string& key) {
  const auto held = present(key);
  void* own = nullptr;
  size_t length = 0;
  if (c.a % 3 == 0) {
    const Status s = get_and_delete(*store_, key, kWish, &own, &length);
    const std::string old = taken(own, length);
    if (s.ok()) RC_ASSERT(old == held.value_or(Held()).value);
    return expect(s, held ? Code::ok : Code::not_found, {{key, std::nullopt}});
  }
  const Held next{next_value(c.a)};
  const Status s = get_and_set(*store_, key, next.value, kWish, &own, &length);
  if (s.ok()) RC_ASSERT((own != nullptr) == held.has_value());
  const std::string old = taken(own, length);
  if (s.ok()) RC_ASSERT(old == held.value_or(Held()).value);
  expect(s, Code::ok, {{key, next}});
}

void World::increment(const Command& c, const std::string& key) {
  const auto held = present(key);
  const auto before = held ? number_in(held->value) : std::optional<int64_t>(0);
  const int64_t delta = static_cast<int64_t>(c.a) - 30'000;
  int64_t sum = 0;
  const Status s = stave::increment(*store_, key, delta, NumberForm::decimal, kWish, &sum);
  const int64_t wanted = before.value_or(0) + delta;
  if (s.ok()) RC_ASSERT(sum == wanted);
  expect(s, before ? Code::ok : Code::not_a_number,
         {{key, Held{std::to_string(wanted), held.value_or(Held()).expires_at_ms}}});
}

void World::append(const Command& c, const std::string& key) {
  Held next = present(key).value_or(Held());
  const std::string more(c.a % 50, static_cast<char>('A' + c.a % 26));
  next.value += more;
  size_t length = 0;
  const Status s = stave::append(*store_, key, more, kWish, &length);
  if (s.ok()) RC_ASSERT(length == next.value.size());
  expect(s, Code::ok, {{key, next}});
}

void World::change_expiry(const Command& c, const std::string& key) {
  const auto held = present(key);
  Held next = held.value_or(Held());
  const Code code = held ? Code::ok : Code::not_found;
  expiry_ = true;
  if (c.a % 3 == 0) {
    next.expires_at_ms = 0;
    return expect(persist(*store_, key, kWish), code, {{key, next}});
  }
  const uint64_t ttl = c.a % 100'000 + 1;
  next.expires_at_ms = clock_.highest_ms() + ttl;
  expect(touch(*store_, key, ttl, kWish), code, {{key, next}});
}

void World::guarded(const Command& c) {
  const Group group = make_batch(c);
  std::vector<Operation> operations;
  for (const auto& [key, held] : group) {
    operations.push_back({held ? Kind::put : Kind::tombstone, key,
                          held ? Bytes(held->value) : Bytes(), held ? held->expires_at_ms : 0});
  }
  std::vector<std::string> texts;  // that conditions point to
  texts.reserve(16);
  std::vector<Condition> conditions;
  bool hold = true;
  for (uint32_t i = 0; i < c.b % 4; ++i) {
    const std::string& key = texts.emplace_back(key_of(c.a + i * 17));
    const auto held = present(key);
    // Mostly true ones, or few batches would ever be written.
    const bool right = (c.a + i) % 7 != 0;
    hold = hold && right;
    const bool say_there = held.has_value() == right;
    if (i == 1 && held) {
      const std::string& value = texts.emplace_back(held->value + (right ? "" : "!"));
      conditions.push_back({Condition::What::value, key, value, 0});
    } else if (i == 2) {
      const uint64_t version = version_of(key) + (right ? 0 : 1);
      conditions.push_back({Condition::What::version, key, {}, version});
    } else {
      conditions.push_back(
          {say_there ? Condition::What::present : Condition::What::absent, key, {}, 0});
    }
  }
  expect(store_->write(operations, kWish, conditions), hold ? Code::ok : Code::conflict, group);
}

}  // namespace stave::test
