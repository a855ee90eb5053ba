// Targets: which put is judged, and which figures are too small or too disturbed to be judged.
#include "bench/targets.h"

#include "bench/other_targets.h"
#include "support/cmocka.h"

namespace {

using namespace stave::bench;

// A run of two engines whose results a test makes up.
class Run {
 public:
  void add(Result result) {
    result.engine = result.engine.empty() ? "stave" : result.engine;
    summary_.add(result);
  }

  // The row that begins with `name`: figure, target, verdict.
  std::vector<std::string> row(const std::string& name) const {
    for (const std::vector<std::string>& row : other_targets(summary_).rows) {
      if (row.front().rfind(name, 0) == 0) return row;
    }
    return {"", "", "", ""};
  }
  std::string verdict(const std::string& name) const { return row(name).back(); }

 private:
  static std::vector<EngineKind> make_engines() {
    std::vector<EngineKind> engines(3);
    engines[0].name = "stave";
    engines[0].role = EngineKind::Role::ours;
    engines[1].name = "limit-mapping";
    engines[1].role = EngineKind::Role::limit;
    engines[2].name = "leveldb";
    return engines;
  }
  const std::vector<EngineKind> engines_ = make_engines();
  Summary summary_{engines_, kWorkloads, 1000000};
};

Result result_of(const char* workload, double seconds, std::map<std::string, double> extra) {
  Result result;
  result.workload = workload;
  result.records = result.ops = 1000000;
  result.seconds = seconds;
  result.extra = std::move(extra);
  return result;
}

Result timed_puts(const char* engine, const char* workload, double first_ns, double later_ns) {
  Result result = result_of(workload, 1,
                            {{"first_put_ns", first_ns},
                             {"longest_later_put_ns", later_ns},
                             {"longest_later_put", 4711}});
  result.engine = engine;
  result.latency_pass = true;
  result.latency_ns = {{0.999, 5000}, {1, static_cast<uint64_t>(std::max(first_ns, later_ns))}};
  return result;
}

std::string reader_verdict(double seconds, double loss) {
  Run run;
  run.add(result_of("readwhilewriting", seconds, {{"reader_loss_percent", loss}}));
  return run.verdict("readwhilewriting");
}

void AReaderBesideAWriterIsJudgedOnlyByALongQuietRun(void**) {
  assert_string_equal(reader_verdict(0.5, 14).c_str(), kMet);
  assert_string_equal(reader_verdict(0.5, -14).c_str(), kMet);
  assert_string_equal(reader_verdict(0.5, 16).c_str(), kMissed);
  assert_string_equal(reader_verdict(0.5, -272).c_str(),
                      "not judged: the reader alone was disturbed");
  assert_string_equal(reader_verdict(0.05, 14).c_str(), "not judged: took less than 0.1 s");
  assert_string_equal(reader_verdict(0.05, 99).c_str(), "not judged: took less than 0.1 s");
}

std::string threads_verdict(double one_seconds, double two_seconds) {
  Run run;
  run.add(result_of("readrandom", one_seconds, {}));
  Result two = result_of("readthreads", two_seconds, {});
  two.ops *= 2;
  run.add(two);
  return run.verdict("readthreads");
}

void TwoReadersAreJudgedOnlyByALongQuietRun(void**) {
  assert_string_equal(threads_verdict(0.5, 0.51).c_str(), kMet);
  assert_string_equal(threads_verdict(0.5, 0.6).c_str(), kMissed);
  assert_string_equal(threads_verdict(0.05, 0.05).c_str(), "not judged: took less than 0.1 s");
  assert_string_equal(threads_verdict(0.9, 0.5).c_str(),
                      "not judged: the one thread was disturbed");
}

std::string merge_verdict(double merge_seconds, double ratio) {
  Run run;
  run.add(result_of(
      "putwhilemerging", 1,
      {{"put_p99_ratio", ratio}, {"get_p99_ratio", ratio}, {"merge_seconds", merge_seconds}}));
  assert_string_equal(run.verdict("putwhilemerging: p99 of puts").c_str(),
                      run.verdict("putwhilemerging: p99 of gets").c_str());
  return run.verdict("putwhilemerging: p99 of puts");
}

std::string walk_verdict(const char* workload, double our_seconds, double their_seconds) {
  Run run;
  run.add(result_of(workload, our_seconds, {}));
  Result theirs = result_of(workload, their_seconds, {});
  theirs.engine = "leveldb";
  run.add(theirs);
  return run.verdict(std::string(workload) + ": of leveldb");
}

void WalksAreAsFastAsLevelDbAndShortOnesHalfAsFast(void**) {
  assert_string_equal(walk_verdict("readseq", 0.9, 1).c_str(), kMet);
  assert_string_equal(walk_verdict("readseq", 1.1, 1).c_str(), kMissed);
  assert_string_equal(walk_verdict("readseq", 0.09, 1).c_str(), "not judged: took less than 0.1 s");
  assert_string_equal(walk_verdict("shortrange", 1.9, 1).c_str(), kMet);
  assert_string_equal(walk_verdict("shortrange", 2.1, 1).c_str(), kMissed);
}

void TheFirstRecordAfterAFillHasFiftyMilliseconds(void**) {
  for (const double seconds : {0.04, 0.06}) {
    Run run;
    Result first = result_of("scanafterput", seconds, {});
    first.ops = 1;
    run.add(first);
    assert_string_equal(run.verdict("scanafterput: ").c_str(), seconds < 0.05 ? kMet : kMissed);
  }
}

void PutsBesideAShortMergeAreNotJudged(void**) {
  assert_string_equal(merge_verdict(3, 1.9).c_str(), kMet);
  assert_string_equal(merge_verdict(3, 2.1).c_str(), kMissed);
  assert_string_equal(merge_verdict(0.9, 1.9).c_str(), "not judged: the merge took less than 1 s");
}

void TheFirstPutOfANewStoreIsToldApart(void**) {
  Run run;
  run.add(timed_puts("stave", "fillrandom", 40e6, 2e6));
  assert_string_equal(run.row("fillrandom: the first put")[1].c_str(), "40.0 ms");
  assert_string_equal(run.verdict("fillrandom: the first put").c_str(),
                      "not judged: it makes the store's files");
  const std::string name = "fillrandom: the longest put but the first, number 4711 of 1000000";
  assert_string_equal(run.row(name)[1].c_str(), "2.00 ms");
  assert_string_equal(run.verdict(name).c_str(), kMet);
}

void TheFirstPutOfAnOverwriteCounts(void**) {
  Run run;
  run.add(timed_puts("stave", "overwrite", 40e6, 2e6));
  assert_string_equal(run.verdict("overwrite: the longest put, number 1 of").c_str(), kMissed);
}

void ALongPutIsForgivenIfALimitHadOneAsLong(void**) {
  Run alone;
  alone.add(timed_puts("stave", "fillrandom", 1e6, 20e6));
  assert_string_equal(alone.verdict("fillrandom: the longest put").c_str(), kMissed);
  Run beside;
  beside.add(timed_puts("stave", "fillrandom", 1e6, 20e6));
  beside.add(timed_puts("limit-mapping", "fillrandom", 1e6, 21e6));
  assert_string_equal(beside.verdict("fillrandom: the longest put").c_str(), kMet);
  Run first;  // the limit's first put excuses no later one of ours
  first.add(timed_puts("stave", "fillrandom", 1e6, 20e6));
  first.add(timed_puts("limit-mapping", "fillrandom", 21e6, 1e6));
  assert_string_equal(first.verdict("fillrandom: the longest put").c_str(), kMissed);
}

void AHandfulOfPutsHasNoRarePercentile(void**) {
  Run run;
  Result few = timed_puts("stave", "overwrite", 1e3, 2e3);
  few.ops = 9999;
  run.add(few);
  assert_string_equal(run.verdict("overwrite: p99.9").c_str(), "not judged: fewer than 10000 puts");
}

}  // namespace

int main() {
  const CMUnitTest tests[] = {
      cmocka_unit_test(AReaderBesideAWriterIsJudgedOnlyByALongQuietRun),
      cmocka_unit_test(TwoReadersAreJudgedOnlyByALongQuietRun),
      cmocka_unit_test(WalksAreAsFastAsLevelDbAndShortOnesHalfAsFast),
      cmocka_unit_test(TheFirstRecordAfterAFillHasFiftyMilliseconds),
      cmocka_unit_test(PutsBesideAShortMergeAreNotJudged),
      cmocka_unit_test(TheFirstPutOfANewStoreIsToldApart),
      cmocka_unit_test(TheFirstPutOfAnOverwriteCounts),
      cmocka_unit_test(ALongPutIsForgivenIfALimitHadOneAsLong),
      cmocka_unit_test(AHandfulOfPutsHasNoRarePercentile),
  };
  return cmocka_run_group_tests_name("bench targets", tests, nullptr, nullptr);
}
