#include "bench/html_report.h"

#include "bench/text_report.h"

namespace stave::bench {

std::string html_report(const Environment& here, const Settings& settings, const Summary& summary) {
  return "<!doctype html><pre>" + environment_text(here, settings) + comparison_text(summary) +
         "</pre>";
}

}  // namespace stave::bench
