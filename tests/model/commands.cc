#include "model/commands.h"

namespace stave::test {

std::ostream& operator<<(std::ostream& out, const Command& c) {
  constexpr const char* kNames[] = {"put",   "put_ttl", "remove",  "batch",     "delete_range",
                                    "clear", "update",  "guarded", "sync",      "merge",
                                    "clock", "reopen",  "kill9",   "power_cut", "writeback",
                                    "walk",  "hold",    "look",    "doom"};
  return out << kNames[static_cast<size_t>(c.what)] << "(" << c.a << "," << c.b << ")";
}

rc::Gen<std::vector<Command>> commands(const Mix& mix) {
  const size_t power = mix.power_cuts ? 2 : 0;
  const size_t doom = mix.dooms ? 3 : 0;
  const auto updates = [&](size_t weight) { return mix.updates ? weight : 0; };
  const auto what = rc::gen::weightedElement<Do>({{40, Do::put},
                                                  {updates(8), Do::put_ttl},
                                                  {14, Do::remove},
                                                  {10, Do::batch},
                                                  {6, Do::delete_range},
                                                  {1, Do::clear},
                                                  {updates(20), Do::update},
                                                  {updates(5), Do::guarded},
                                                  {5, Do::sync},
                                                  {4, Do::merge},
                                                  {updates(5), Do::clock},
                                                  {3, Do::reopen},
                                                  {4, Do::walk},
                                                  {3, Do::hold},
                                                  {5, Do::look},
                                                  {2, Do::kill9},
                                                  {power, Do::power_cut},
                                                  {power, Do::writeback},
                                                  {doom, Do::doom}});
  const auto number = rc::gen::inRange<uint32_t>(0, 1U << 16);
  return rc::gen::container<std::vector<Command>>(
      rc::gen::map(rc::gen::tuple(what, number, number), [](std::tuple<Do, uint32_t, uint32_t> t) {
        return Command{std::get<0>(t), std::get<1>(t), std::get<2>(t)};
      }));
}

}  // namespace stave::test
